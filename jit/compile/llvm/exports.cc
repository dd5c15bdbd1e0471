#include "jit/compile/llvm/exports.h"

#include <llvm/IR/Module.h>

#include "jit/artifact/artifact.h"

namespace kiln::jit {
namespace {

// What the object will define for callers under that name, or an empty name.
std::string_view ExportOf(const llvm::GlobalValue& value) {
  if (value.isDeclarationForLinker() || value.hasLocalLinkage() || value.hasHiddenVisibility() ||
      value.isDiscardableIfUnused()) {
    return {};
  }
  return ExportName({value.getName().data(), value.getName().size()});
}

}  // namespace

std::vector<std::string> ExportsOf(const llvm::Module& module) {
  std::vector<std::string> exports;
  const auto add = [&](const llvm::GlobalValue& value) {
    if (const std::string_view name = ExportOf(value); !name.empty()) exports.emplace_back(name);
  };
  for (const llvm::Function& function : module) add(function);
  for (const llvm::GlobalAlias& alias : module.aliases()) {
    if (alias.getValueType()->isFunctionTy()) add(alias);
  }
  return exports;
}

}  // namespace kiln::jit
