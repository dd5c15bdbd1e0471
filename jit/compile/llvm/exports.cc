#include "jit/compile/llvm/exports.h"

#include <llvm/IR/Module.h>

#include "jit/artifact/artifact.h"

namespace kiln::jit {
namespace {

// The symbols beside the functions: a function's metadata and documentation, and the variables and
// bytes of a library.
constexpr llvm::StringRef kBeside = "__tvm_ffi__";

bool IsExport(const llvm::GlobalValue& value) {
  return value.getName().starts_with(kExportPrefix) && !value.getName().starts_with(kBeside) &&
         value.getName().size() > kExportPrefix.size() && !value.isDeclarationForLinker() &&
         !value.hasLocalLinkage() && !value.hasHiddenVisibility() && !value.isDiscardableIfUnused();
}

}  // namespace

std::vector<std::string> ExportsOf(const llvm::Module& module) {
  std::vector<std::string> exports;
  const auto add = [&](const llvm::GlobalValue& value) {
    if (IsExport(value)) exports.push_back(value.getName().substr(kExportPrefix.size()).str());
  };
  for (const llvm::Function& function : module) add(function);
  for (const llvm::GlobalAlias& alias : module.aliases()) {
    if (alias.getValueType()->isFunctionTy()) add(alias);
  }
  return exports;
}

}  // namespace kiln::jit
