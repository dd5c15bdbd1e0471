#ifndef KILN_JIT_LINK_LINKER_H_
#define KILN_JIT_LINK_LINKER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"

namespace kiln::jit {

class LoadedImage;

// What an artifact is linked against beside what it names itself, and how.
struct LinkInputs {
  AddressMap symbols;  // none of the addresses is 0
  // Images whose symbols the code may use. The new image keeps them alive.
  std::vector<std::shared_ptr<LoadedImage>> images;

  // Whether Link runs the constructors. Where it does not, LoadedImage::RunConstructors does.
  bool run_constructors = true;

  // Another compile of the same program, whose state the new image goes on with: every variable
  // that is not local to an object, and that both have, is the one there. (Variables, by the
  // section: all that may be written to. Those of `.data.rel.ro` are constants.) No constructors
  // run, and no destructors of the new image's own. The new image keeps that one alive.
  std::shared_ptr<LoadedImage> state_of = nullptr;

  // Remembers the variables with hidden visibility too, for a later `state_of`.
  bool keep_hidden = false;
};

// An Artifact in memory, ready to run. Owns its code and data: where it dies, the destructors of
// the code run and the memory is given back; where a thread is still to destroy a thread_local
// object of the code, both wait for the end of that thread. Keeps the linker that made it alive,
// the images that it was linked with, and the shared libraries that the artifact names. Any number
// of threads may use it at once.
class LoadedImage {
 public:
  class Code;  // image_code.h

  ~LoadedImage();
  LoadedImage(const LoadedImage&) = delete;
  LoadedImage& operator=(const LoadedImage&) = delete;

  // The address of a global symbol that the artifact defines, by its full name
  // ("__tvm_ffi_add_one"); null where it defines none. Takes no lock.
  void* Find(std::string_view symbol) const;

  // All names that Find knows, sorted. They live as long as the image.
  std::vector<std::string_view> names() const;

  // The name of the artifact, and the names that users know its exports by, sorted.
  const std::string& name() const;
  std::vector<std::string> exports() const;

  // Runs the constructors, where Link was told not to: the first call does, further ones return at
  // once. Throws as Link does where one throws; the image is of no use then, and its destructors
  // don't run.
  void RunConstructors();

 private:
  friend class Linker;

  explicit LoadedImage(std::shared_ptr<Code> code);

  std::shared_ptr<Code> code_;
};

// Loads artifacts into this process. Any number of threads may link at once.
//
// The objects of an artifact become one image, as a static linker makes one library of them: they
// share one name space, and no image sees another's symbols unasked. What no object defines is
// looked for in this order: the symbols that the inputs give, the images among them, the functions
// of the ABI, the shared libraries that the artifact names, the process (host_symbols.h). Code
// memory is never writable and executable at once (code_memory.h).
class Linker : public std::enable_shared_from_this<Linker> {
 public:
  // `builtins` are symbols that all code may use, the last of those that a name is sought among but
  // for the process; none of the addresses is 0. Throws RuntimeError where code can't be linked on
  // this machine.
  static std::shared_ptr<Linker> Create(AddressMap builtins = {});

  ~Linker();
  Linker(const Linker&) = delete;
  Linker& operator=(const Linker&) = delete;

  // Links `artifact`, and runs its constructors where `inputs` says so. The image does not refer to
  // `artifact` afterwards. Throws LinkError: where symbols are missing (all of them are named, and
  // what needs them) or defined twice, where a shared library can't be opened, where this machine
  // lacks a CPU feature that the code needs, where an object is damaged, and where a constructor
  // throws; an ABI error that a constructor throws keeps its kind.
  std::shared_ptr<LoadedImage> Link(const Artifact& artifact, LinkInputs inputs = {});

 private:
  explicit Linker(AddressMap builtins);

  const AddressMap builtins_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_LINKER_H_
