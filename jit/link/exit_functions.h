#ifndef KILN_JIT_LINK_EXIT_FUNCTIONS_H_
#define KILN_JIT_LINK_EXIT_FUNCTIONS_H_

#include <memory>
#include <string>

#include <llvm/ExecutionEngine/JITLink/JITLink.h>

namespace kiln::jit {

// Compiled code leaves functions to be called later: by `__cxa_atexit` for when its library is
// unloaded, by `__cxa_thread_atexit` for when a thread ends. It names itself by the address of
// `__dso_handle`, which each image has its own of.

// What an image is to the functions that its code leaves.
class ExitScope : public std::enable_shared_from_this<ExitScope> {
 public:
  virtual ~ExitScope() = default;
};

// Defines `__dso_handle` and `atexit` inside `graph` where the graph refers to them: code reaches
// the handle by a short jump only, and libc has no `atexit` that knows which library it is called
// from. The handle stands for `scope`, which lives as long as the code. Returns the handle; null
// where the graph has none.
llvm::jitlink::Symbol* DefineDsoHandle(llvm::jitlink::LinkGraph* graph, ExitScope* scope);

// The address of `name` where it is a function of this kind that images have another of than the
// process; else null. What a thread calls at its end keeps the image that it belongs to alive.
void* FindExitFunction(const std::string& name);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_EXIT_FUNCTIONS_H_
