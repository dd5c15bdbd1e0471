#ifndef KILN_JIT_COMPILE_LLVM_WRAPPER_DEBUG_INFO_H_
#define KILN_JIT_COMPILE_LLVM_WRAPPER_DEBUG_INFO_H_

#include <llvm/IR/Function.h>

namespace kiln::jit {

// Makes `wrapper` a function of the source for debuggers, at the line of the function that it
// calls: without that, what is inlined into it would lose its lines. Does nothing where `callee`
// has no debug information. Call once the body is complete.
void AddDebugInfo(const llvm::Function& callee, llvm::Function* wrapper);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_WRAPPER_DEBUG_INFO_H_
