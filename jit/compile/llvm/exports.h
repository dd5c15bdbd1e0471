#ifndef KILN_JIT_COMPILE_LLVM_EXPORTS_H_
#define KILN_JIT_COMPILE_LLVM_EXPORTS_H_

#include <string>
#include <vector>

namespace llvm {
class Module;
}

namespace kiln::jit {

// The functions of `module` that its object will define for callers by the packed convention, in
// the module's order and without the prefix "__tvm_ffi_".
std::vector<std::string> ExportsOf(const llvm::Module& module);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_EXPORTS_H_
