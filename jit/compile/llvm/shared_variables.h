#ifndef KILN_JIT_COMPILE_LLVM_SHARED_VARIABLES_H_
#define KILN_JIT_COMPILE_LLVM_SHARED_VARIABLES_H_

#include <string>

namespace llvm {
class Module;
}

namespace kiln::jit {

// Gives every variable of `module` that code may change, and that only the module itself knows, a
// hidden symbol that other images of the same source know it by: a second compile of the source can
// then go on with the values of the first. The symbols are the same for the same module, and have
// `source`, the source's name, in them. To be called before the module is optimised.
void ShareVariables(llvm::Module* module, const std::string& source);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_SHARED_VARIABLES_H_
