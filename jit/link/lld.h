#ifndef KILN_JIT_LINK_LLD_H_
#define KILN_JIT_LINK_LLD_H_

#include <string>
#include <vector>

namespace kiln::jit {

// Bytes in memory that have a path, as long as this lives: /proc/self/fd/N.
class MemoryFile {
 public:
  // Throws RuntimeError where the system gives no memory or no descriptor.
  explicit MemoryFile(const std::string& bytes);
  ~MemoryFile();
  MemoryFile(MemoryFile&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  MemoryFile& operator=(MemoryFile&&) = delete;

  std::string path() const;

 private:
  int descriptor_;
};

// Runs lld, the linker, as `ld.lld` with these arguments, in this process. One at a time: it keeps
// its state in global variables. Returns an empty text where it succeeds, else its messages.
std::string RunLld(const std::vector<std::string>& arguments);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_LLD_H_
