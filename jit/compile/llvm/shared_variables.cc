#include "jit/compile/llvm/shared_variables.h"

#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/Module.h>

namespace kiln::jit {

void ShareVariables(llvm::Module* module, const std::string& source) {
  unsigned count = 0;
  for (llvm::GlobalVariable& variable : module->globals()) {
    if (!variable.hasLocalLinkage() || variable.isConstant() || variable.hasSection()) continue;
    // Names alone may repeat in the order in which the front end came to them.
    variable.setName("__kiln_variable." + std::to_string(count++) + "." + variable.getName() + "." +
                     source);
    variable.setLinkage(llvm::GlobalValue::ExternalLinkage);
    variable.setVisibility(llvm::GlobalValue::HiddenVisibility);
    variable.setDSOLocal(true);
    // The other image has it at another address, with other neighbours.
    variable.setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::None);
  }
}

}  // namespace kiln::jit
