#ifndef KILN_JIT_COMPILE_LLVM_COMPACT_CHECK_H_
#define KILN_JIT_COMPILE_LLVM_COMPACT_CHECK_H_

namespace llvm {
class Function;
class Module;
}  // namespace llvm

namespace kiln::jit {

// The function of `module`, written at the first request, that tells whether a tensor's elements
// lie row by row without gaps:
//   bool (const DLTensor*)
// The strides of dimensions of one element don't count, and none do of an empty tensor. Calls need
// the function's calling convention: it leaves the caller's registers alone, so that a caller that
// seldom calls it pays for none.
llvm::Function* CompactCheck(llvm::Module* module);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_COMPACT_CHECK_H_
