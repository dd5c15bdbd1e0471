#ifndef KILN_JIT_LINK_LINKER_H_
#define KILN_JIT_LINK_LINKER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/artifact.h"

namespace kiln::jit {

// An Artifact in memory, ready to run. Owns its code and data: where it dies, the destructors of
// the code run and the memory is unmapped. Keeps the linker that made it alive. Any number of
// threads may use it at once.
class LoadedImage {
 public:
  ~LoadedImage();
  LoadedImage(const LoadedImage&) = delete;
  LoadedImage& operator=(const LoadedImage&) = delete;

  // The address of a global symbol that the artifact defines, by its full name
  // ("__tvm_ffi_add_one"); null where it defines none. Takes no lock.
  void* Find(std::string_view symbol) const;

  // The name and the exports of the artifact.
  const std::string& name() const { return name_; }
  const std::vector<std::string>& exports() const { return exports_; }

 private:
  friend class Linker;
  struct Memory;

  LoadedImage(const Artifact& artifact, std::unique_ptr<Memory> memory);

  std::string name_;
  std::vector<std::string> exports_;
  std::map<std::string, void*, std::less<>> symbols_;
  std::unique_ptr<Memory> memory_;
};

// Loads artifacts into this process. Any number of threads may link at once.
//
// Symbols that an artifact does not define are found in the process, as host_symbols.h says. Each
// artifact has a name space of its own: two of them may define the same symbol. Code memory is
// written first and made executable after, never both at once.
class Linker : public std::enable_shared_from_this<Linker> {
 public:
  // Throws RuntimeError where code can't be linked on this machine.
  static std::shared_ptr<Linker> Create();

  ~Linker();
  Linker(const Linker&) = delete;
  Linker& operator=(const Linker&) = delete;

  // Links `artifact` and runs its constructors. The image does not refer to `artifact` afterwards.
  // Throws LinkError: where symbols are missing (all of them are named), where this machine lacks a
  // CPU feature that the code needs, and where the object is damaged.
  std::shared_ptr<LoadedImage> Link(const Artifact& artifact);

 private:
  friend class LoadedImage;
  class Engine;

  explicit Linker(std::unique_ptr<Engine> engine);

  std::unique_ptr<Engine> engine_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_LINKER_H_
