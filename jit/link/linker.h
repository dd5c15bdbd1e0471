#ifndef KILN_JIT_LINK_LINKER_H_
#define KILN_JIT_LINK_LINKER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"

namespace kiln::jit {

class LoadedImage;

// What an artifact is linked against beside what it names itself.
struct LinkInputs {
  AddressMap symbols;  // none of the addresses is 0
  // Images whose symbols the code may use. The new image keeps them alive.
  std::vector<std::shared_ptr<LoadedImage>> images;
};

// An Artifact in memory, ready to run. Owns its code and data: where it dies, the destructors of
// the code run and the memory is unmapped; where a thread is still to destroy a thread_local object
// of the code, both wait for the end of that thread. Keeps the linker that made it alive, the
// images that it was linked with, and the shared libraries that the artifact names. Any number of
// threads may use it at once.
class LoadedImage {
 public:
  ~LoadedImage();
  LoadedImage(const LoadedImage&) = delete;
  LoadedImage& operator=(const LoadedImage&) = delete;

  // The address of a global symbol that the artifact defines, by its full name
  // ("__tvm_ffi_add_one"); null where it defines none. Takes no lock.
  void* Find(std::string_view symbol) const;

  // All that Find finds: the names and their addresses.
  const std::map<std::string, void*, std::less<>>& symbols() const { return symbols_; }

  // The name and the exports of the artifact.
  const std::string& name() const { return name_; }
  const std::vector<std::string>& exports() const { return exports_; }

 private:
  friend class Linker;
  class Memory;

  LoadedImage(const Artifact& artifact, std::shared_ptr<Memory> memory);

  std::string name_;
  std::vector<std::string> exports_;
  std::map<std::string, void*, std::less<>> symbols_;
  std::shared_ptr<Memory> memory_;
};

// Loads artifacts into this process. Any number of threads may link at once.
//
// The objects of an artifact become one image, as a static linker makes one library of them: they
// share one name space, and no image sees another's symbols unasked. What no object defines is
// looked for in this order: the symbols that the inputs give, the images among them, the functions
// of the ABI, the shared libraries that the artifact names, the process (host_symbols.h). Code
// memory is written first and made executable after, never both at once.
class Linker : public std::enable_shared_from_this<Linker> {
 public:
  // `builtins` are symbols that all code may use, the last of those that a name is sought among but
  // for the process; none of the addresses is 0. Throws RuntimeError where code can't be linked on
  // this machine.
  static std::shared_ptr<Linker> Create(AddressMap builtins = {});

  ~Linker();
  Linker(const Linker&) = delete;
  Linker& operator=(const Linker&) = delete;

  // Links `artifact` and runs its constructors. The image does not refer to `artifact` afterwards.
  // Throws LinkError: where symbols are missing (all of them are named, and what needs them) or
  // defined twice, where a shared library can't be opened, where this machine lacks a CPU feature
  // that the code needs, where an object is damaged, and where a constructor throws; an ABI error
  // that a constructor throws keeps its kind.
  std::shared_ptr<LoadedImage> Link(const Artifact& artifact, LinkInputs inputs = {});

 private:
  friend class LoadedImage;
  class Engine;
  class EnginePool;

  Linker(std::unique_ptr<EnginePool> engines, AddressMap builtins);

  std::unique_ptr<EnginePool> engines_;
  const AddressMap builtins_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_LINKER_H_
