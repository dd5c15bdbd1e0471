#ifndef KILN_JIT_LINK_IMAGE_CODE_H_
#define KILN_JIT_LINK_IMAGE_CODE_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "jit/link/debugger.h"
#include "jit/link/exit_functions.h"
#include "jit/link/graph_linker.h"
#include "jit/link/image_symbols.h"
#include "jit/link/linker.h"
#include "jit/link/shared_libraries.h"

namespace kiln::jit {

// What an image is: its memory, what it leans on, what has to run when it comes and before it goes.
// Filled by Linker::Link. What threads have to call at their ends keeps it alive, and so the code.
class LoadedImage::Code : public ExitScope {
 public:
  using FunctionList = std::vector<void (*)()>;

  // What the code wants called.
  struct Calls {
    FunctionList constructors;
    FunctionList ranked_destructors;  // those that have a priority
    FunctionList plain_destructors;
    std::atomic<bool> begun = false;  // constructors run, or have run
    bool done = false;                // all constructors have run
  };

  Code(std::shared_ptr<Linker> linker, std::string name);
  // Runs the destructors, if the constructors ran.
  ~Code() override;

  // Takes what was linked, and makes it known to whoever asks for frames and names.
  void Adopt(LinkedGraph linked);

  // The unwind tables; null where the code has none.
  const char* frames() const { return linked_.frames; }

  // Runs the constructors, once. Throws LinkError, or what the code threw if that is an error of
  // the ABI.
  void RunConstructors();

  const std::string& name() const { return name_; }

  ImageSymbols symbols;
  std::unique_ptr<Calls> calls;  // null: none
  void* dso_handle = nullptr;
  SharedLibraries libraries;
  std::vector<std::shared_ptr<LoadedImage>> images;
  std::vector<std::unique_ptr<DebuggedObject>> debugged;

 private:
  const std::shared_ptr<Linker> linker_;
  const std::string name_;
  LinkedGraph linked_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_IMAGE_CODE_H_
