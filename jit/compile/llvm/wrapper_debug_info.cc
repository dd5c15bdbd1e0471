#include "jit/compile/llvm/wrapper_debug_info.h"

#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instruction.h>
#include <llvm/IR/Module.h>

namespace kiln::jit {

void AddDebugInfo(const llvm::Function& callee, llvm::Function* wrapper) {
  const llvm::DISubprogram* const described = callee.getSubprogram();
  if (described == nullptr) return;
  llvm::DIBuilder builder(*wrapper->getParent(), /*AllowUnresolved=*/true, described->getUnit());
  llvm::DIFile* const file = described->getFile();
  llvm::DISubprogram* const own = builder.createFunction(
      file, wrapper->getName(), wrapper->getName(), file, described->getLine(),
      builder.createSubroutineType(builder.getOrCreateTypeArray({})), described->getScopeLine(),
      llvm::DINode::FlagArtificial, llvm::DISubprogram::SPFlagDefinition);
  builder.finalizeSubprogram(own);
  wrapper->setSubprogram(own);
  const llvm::DebugLoc place =
      llvm::DILocation::get(wrapper->getContext(), described->getLine(), 0, own);
  for (llvm::BasicBlock& block : *wrapper) {
    for (llvm::Instruction& instruction : block) {
      if (!instruction.getDebugLoc()) instruction.setDebugLoc(place);
    }
  }
}

}  // namespace kiln::jit
