#ifndef KILN_JIT_COMPILE_LLVM_OUT_OF_MEMORY_H_
#define KILN_JIT_COMPILE_LLVM_OUT_OF_MEMORY_H_

namespace kiln::jit {

// Has LLVM call `leave`, which must not return, where it gets no memory from malloc; else it ends
// the process by abort(). For the whole process, and once in it.
void OnOutOfMemory(void (*leave)());

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_OUT_OF_MEMORY_H_
