#include "jit/compile/llvm/data_object.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/GlobalVariable.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "jit/compile/llvm/target_machine.h"

namespace kiln::jit {

std::string DataObject(const std::vector<std::pair<std::string, std::string>>& data,
                       const TargetSpec& target) {
  TargetMachineLease machine(target, /*opt_level=*/0);
  llvm::LLVMContext context;
  llvm::Module module("data", context);
  module.setTargetTriple(target.triple);
  module.setDataLayout((&*machine)->createDataLayout());
  for (const auto& [symbol, bytes] : data) {
    llvm::Constant* const content =
        llvm::ConstantDataArray::getString(context, bytes, /*AddNull=*/false);
    auto* const variable =
        new llvm::GlobalVariable(module, content->getType(), /*isConstant=*/true,
                                 llvm::GlobalValue::ExternalLinkage, content, symbol);
    variable->setVisibility(llvm::GlobalValue::HiddenVisibility);
    variable->setAlignment(llvm::Align(16));
    variable->setSection(".nv_fatbin");
  }
  return machine.EmitObject(&module);
}

}  // namespace kiln::jit
