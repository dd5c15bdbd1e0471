#ifndef KILN_JIT_LINK_SHARED_LIBRARIES_H_
#define KILN_JIT_LINK_SHARED_LIBRARIES_H_

#include <string>
#include <string_view>
#include <vector>

namespace kiln::jit {

// Shared libraries that are open as long as this lives. Their symbols are for who asks here: they
// do not become visible to the rest of the process.
class SharedLibraries {
 public:
  SharedLibraries() = default;
  ~SharedLibraries();
  SharedLibraries(const SharedLibraries&) = delete;
  SharedLibraries& operator=(const SharedLibraries&) = delete;

  // Opens the library, and all that it needs. `name` is a path, or a name that the dynamic linker
  // finds. Throws LinkError with the dynamic linker's words; `user` is what needs the library.
  void Open(const std::string& name, std::string_view user);

  bool empty() const { return handles_.empty(); }

  // The address of a symbol in the first library that has it, or null.
  void* Find(const std::string& symbol) const;

  // The files of the libraries, where they were found.
  std::vector<std::string> Paths() const;

 private:
  std::vector<void*> handles_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_SHARED_LIBRARIES_H_
