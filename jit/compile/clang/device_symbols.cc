#include "jit/compile/clang/device_symbols.h"

#include <algorithm>
#include <cstddef>

#include <clang/AST/Decl.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/PrettyPrinter.h>
#include <llvm/IR/Constants.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Support/raw_ostream.h>

#include "jit/compile/llvm/packed_wrappers.h"

namespace kiln::jit {
namespace {

// Clang's names for what it emits.
constexpr char kRegisterAll[] = "__cuda_register_globals";
constexpr char kRegisterKernel[] = "__cudaRegisterFunction";
constexpr char kRegisterVariable[] = "__cudaRegisterVar";
constexpr char kFatBinaryWrapper[] = "__cuda_fatbin_wrapper";
constexpr char kLaunch[] = "cudaLaunchKernel";
// Of the engine: the same, by way of a KernelSlot.
constexpr char kLaunchBySlot[] = "__kiln_launch_kernel";

// The arguments of both registering functions: the handle, the host's symbol, the device's name
// twice, and more that does not matter here.
constexpr unsigned kSymbolArgument = 1;
constexpr unsigned kNameArguments[] = {2, 3};
constexpr unsigned kBinaryOfWrapper = 2;

bool Calls(const llvm::CallInst& call, llvm::StringRef name) {
  const llvm::Function* callee = call.getCalledFunction();
  return callee != nullptr && callee->getName() == name;
}

template <class Module, class Action>
void ForEachRegistration(Module& module, Action action) {
  auto* function = module.getFunction(kRegisterAll);
  if (function == nullptr) return;
  for (auto& block : *function) {
    for (auto& instruction : block) {
      auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      if (call == nullptr) continue;
      if (Calls(*call, kRegisterKernel) || Calls(*call, kRegisterVariable)) action(call);
    }
  }
}

std::string SymbolOf(const llvm::CallInst& call) {
  return call.getArgOperand(kSymbolArgument)->stripPointerCasts()->getName().str();
}

clang::PrintingPolicy FullNames(const clang::ASTContext& context) {
  clang::PrintingPolicy policy(context.getLangOpts());
  policy.FullyQualifiedName = true;
  policy.SuppressUnwrittenScope = true;
  policy.UsePreferredNames = false;
  policy.PrintCanonicalTypes = true;
  return policy;
}

std::string ExpressionOf(const clang::Decl* declaration, const clang::ASTContext& context) {
  const clang::PrintingPolicy policy = FullNames(context);
  std::string name;
  llvm::raw_string_ostream stream(name);
  const auto* named = clang::dyn_cast_or_null<clang::NamedDecl>(declaration);
  if (named == nullptr) return {};
  named->printQualifiedName(stream, policy);
  const auto* function = clang::dyn_cast<clang::FunctionDecl>(named);
  if (function == nullptr) {
    const auto* variable = clang::dyn_cast<clang::VarTemplateSpecializationDecl>(named);
    if (variable != nullptr) {
      clang::printTemplateArgumentList(stream, variable->getTemplateArgs().asArray(), policy);
    }
    return "&" + name;
  }
  if (const auto* arguments = function->getTemplateSpecializationArgs()) {
    clang::printTemplateArgumentList(stream, arguments->asArray(), policy);
  }
  std::string types;
  for (const clang::ParmVarDecl* parameter : function->parameters()) {
    const clang::QualType type = parameter->getType().getCanonicalType().getUnqualifiedType();
    types += (types.empty() ? "" : ", ") + type.getAsString(policy);
  }
  return "(void(*)(" + types + "))(" + name + ")";
}

// Data that another object of the image defines.
llvm::GlobalVariable* DataElsewhere(const std::string& symbol, llvm::Module* module) {
  auto* const data = new llvm::GlobalVariable(
      *module, llvm::Type::getInt8Ty(module->getContext()), /*isConstant=*/true,
      llvm::GlobalValue::ExternalLinkage, /*Initializer=*/nullptr, symbol);
  data->setVisibility(llvm::GlobalValue::HiddenVisibility);
  return data;
}

// The slot of a stub: a null pointer, and the stub.
llvm::GlobalVariable* AddSlot(llvm::Function* stub) {
  llvm::Module* module = stub->getParent();
  llvm::PointerType* pointer = llvm::PointerType::getUnqual(module->getContext());
  llvm::StructType* type = llvm::StructType::get(pointer, pointer);
  return new llvm::GlobalVariable(
      *module, type, /*isConstant=*/false, llvm::GlobalValue::InternalLinkage,
      llvm::ConstantStruct::get(type, {llvm::ConstantPointerNull::get(pointer), stub}),
      KernelSlotName(stub->getName().str()));
}

void LaunchBySlot(llvm::Function* stub) {
  llvm::Module* module = stub->getParent();
  std::vector<llvm::CallInst*> launches;
  for (llvm::BasicBlock& block : *stub) {
    for (llvm::Instruction& instruction : block) {
      auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction);
      if (call != nullptr && Calls(*call, kLaunch)) launches.push_back(call);
    }
  }
  llvm::GlobalVariable* const slot = AddSlot(stub);
  for (llvm::CallInst* launch : launches) {
    launch->setCalledFunction(
        module->getOrInsertFunction(kLaunchBySlot, launch->getFunctionType()));
    launch->setArgOperand(0, slot);
  }
}

}  // namespace

std::vector<DeviceSymbol> DeviceSymbolsOf(
    const llvm::Module& module, const clang::ASTContext& context,
    const std::function<const clang::Decl*(llvm::StringRef)>& declaration_of) {
  std::vector<DeviceSymbol> symbols;
  ForEachRegistration(module, [&](const llvm::CallInst* call) {
    std::string symbol = SymbolOf(*call);
    std::string expression = ExpressionOf(declaration_of(symbol), context);
    symbols.push_back({std::move(symbol), std::move(expression)});
  });
  return symbols;
}

std::string DeviceNameSymbol(const std::string& fat_binary, size_t index) {
  return fat_binary + "_name_" + std::to_string(index);
}

void CompleteRegistration(const std::vector<DeviceSymbol>& symbols, const std::string& fat_binary,
                          llvm::Module* module) {
  llvm::GlobalVariable* const wrapper =
      module->getGlobalVariable(kFatBinaryWrapper, /*AllowInternal=*/true);
  if (wrapper == nullptr) return;
  auto* const initial = llvm::cast<llvm::ConstantStruct>(wrapper->getInitializer());
  std::vector<llvm::Constant*> fields;
  for (unsigned i = 0; i < initial->getNumOperands(); ++i) fields.push_back(initial->getOperand(i));
  auto* const stand_in =
      llvm::dyn_cast<llvm::GlobalVariable>(fields[kBinaryOfWrapper]->stripPointerCasts());
  fields[kBinaryOfWrapper] = DataElsewhere(fat_binary, module);
  wrapper->setInitializer(llvm::ConstantStruct::get(initial->getType(), fields));
  if (stand_in != nullptr && stand_in->use_empty()) stand_in->eraseFromParent();

  ForEachRegistration(*module, [&](llvm::CallInst* call) {
    const std::string symbol = SymbolOf(*call);
    const auto found = std::find_if(symbols.begin(), symbols.end(),
                                    [&](const DeviceSymbol& s) { return s.symbol == symbol; });
    if (found == symbols.end()) return;
    const auto index = static_cast<size_t>(found - symbols.begin());
    llvm::Value* const name = DataElsewhere(DeviceNameSymbol(fat_binary, index), module);
    for (const unsigned argument : kNameArguments) call->setArgOperand(argument, name);
    if (Calls(*call, kRegisterKernel)) LaunchBySlot(module->getFunction(symbol));
  });
}

}  // namespace kiln::jit
