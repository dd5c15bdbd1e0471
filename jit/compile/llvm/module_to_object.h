#ifndef KILN_JIT_COMPILE_LLVM_MODULE_TO_OBJECT_H_
#define KILN_JIT_COMPILE_LLVM_MODULE_TO_OBJECT_H_

#include <string>

#include "jit/artifact/phase_times.h"
#include "jit/compile/llvm/host_target.h"

namespace llvm {
class Module;
}

namespace kiln::jit {

// Runs LLVM's standard pipeline of `opt_level` over `module`, then generates code: a relocatable
// ELF object. The module's triple and data layout are those of `target`. Adds the phases "optimize"
// and "codegen".
//
// Errors go to the diagnostic handler of the module's context (CollectDiagnostics): the caller
// looks there before it uses the object.
std::string ModuleToObject(llvm::Module* module, const TargetSpec& target, int opt_level,
                           PhaseTimes* times);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_MODULE_TO_OBJECT_H_
