#include "jit/compile/llvm/plain_exports.h"

#include <optional>
#include <string_view>
#include <utility>

#include <llvm/IR/Function.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>

#include "jit/artifact/artifact.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

using Kind = ValueType::Kind;

std::optional<ValueType> TypeOf(const llvm::Type& type, bool is_zero_extended) {
  ValueType value;
  if (type.isPointerTy()) {
    value.kind = Kind::kAnything;
  } else if (type.isHalfTy() || type.isBFloatTy() || type.isFloatTy() || type.isDoubleTy()) {
    value.kind = Kind::kFloat;
    value.bits = type.getScalarSizeInBits();
    value.brain = type.isBFloatTy();
  } else if (type.isIntegerTy(1)) {
    value.kind = Kind::kBool;
  } else if (type.isIntegerTy(8) || type.isIntegerTy(16) || type.isIntegerTy(32) ||
             type.isIntegerTy(64)) {
    value.kind = Kind::kInt;
    value.bits = type.getIntegerBitWidth();
    value.is_signed = !is_zero_extended;
  } else {
    return std::nullopt;
  }
  return value;
}

std::string TextOf(const llvm::Type& type) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  type.print(stream);
  return text;
}

// The signature of a function, or why it can't be exported.
std::optional<Signature> SignatureOf(const llvm::Function& function, std::string* why) {
  Signature signature;
  signature.name = function.getName();
  signature.symbol = function.getName();
  if (function.isVarArg()) {
    *why = "it takes a variable number of arguments";
    return std::nullopt;
  }
  for (const llvm::Argument& argument : function.args()) {
    const std::optional<ValueType> type = TypeOf(*argument.getType(), argument.hasZExtAttr());
    if (!type || argument.hasPassPointeeByValueCopyAttr() || argument.hasStructRetAttr()) {
      *why = "parameter " + std::to_string(argument.getArgNo()) + " is of type '" +
             TextOf(*argument.getType()) + "', which no argument can be";
      return std::nullopt;
    }
    signature.parameters.push_back({argument.getName().str(), *type});
  }
  if (function.getReturnType()->isVoidTy()) return signature;
  const std::optional<ValueType> result =
      TypeOf(*function.getReturnType(), function.hasRetAttribute(llvm::Attribute::ZExt));
  if (!result) {
    *why =
        "its result is of type '" + TextOf(*function.getReturnType()) + "', which no result can be";
    return std::nullopt;
  }
  signature.result = *result;
  return signature;
}

bool IsPublic(const llvm::Function& function) {
  return !function.isDeclaration() && !function.hasLocalLinkage() &&
         !function.getName().starts_with(kExportPrefix);
}

}  // namespace

std::vector<Signature> PlainExports(const llvm::Module& module,
                                    const std::vector<std::string>& names, CompileReport* report) {
  std::vector<Signature> signatures;
  std::string why;
  if (names.size() == 1 && names[0] == "all") {
    for (const llvm::Function& function : module) {
      if (!IsPublic(function)) continue;
      if (auto signature = SignatureOf(function, &why)) signatures.push_back(*std::move(signature));
    }
    return signatures;
  }
  for (const std::string& name : names) {
    const llvm::Function* function = module.getFunction(name);
    if (function == nullptr || function->isDeclaration()) {
      report->missing_exports.push_back(name);
      continue;
    }
    auto signature = SignatureOf(*function, &why);
    if (!signature) {
      throw kiln::Error("ValueError", "exports: can't export '" + name + "': " + why);
    }
    signatures.push_back(*std::move(signature));
  }
  if (report->missing_exports.empty()) return signatures;
  for (const llvm::Function& function : module) {
    if (IsPublic(function)) report->defined_functions.push_back(function.getName().str());
  }
  return signatures;
}

}  // namespace kiln::jit
