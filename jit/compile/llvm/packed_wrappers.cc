#include "jit/compile/llvm/packed_wrappers.h"

#include <array>
#include <vector>

#include <llvm/IR/Constants.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include "jit/artifact/artifact.h"
#include "jit/compile/llvm/argument_checks.h"
#include "jit/compile/llvm/packed_support.h"
#include "jit/compile/llvm/wrapper_debug_info.h"
#include "kiln/error.h"
#include "kiln/schema.h"

namespace kiln::jit {
namespace {

using Kind = ValueType::Kind;

constexpr char kPersonality[] = "__gxx_personality_v0";
constexpr uint64_t kValueOffset = offsetof(TVMFFIAny, v_int64);

std::string ElementName(const ValueType::Element& element) {
  switch (element.kind) {
    case Kind::kBool:
      return "bool";
    case Kind::kFloat:
      return element.brain ? "bfloat16" : "float" + std::to_string(element.bits);
    default:
      return (element.is_signed ? "int" : "uint") + std::to_string(element.bits);
  }
}

std::string SchemaOf(const ValueType& type) {
  switch (type.kind) {
    case Kind::kVoid:
      return kiln::details::SchemaOf("None");
    case Kind::kBool:
      return kiln::details::SchemaOf("bool");
    case Kind::kInt:
      return kiln::details::SchemaOf("int");
    case Kind::kFloat:
      return kiln::details::SchemaOf("float");
    case Kind::kCString:
      return kiln::details::SchemaOf("ffi.String");
    case Kind::kElements:
    case Kind::kDLTensor:
      return kiln::details::SchemaOf("DLTensor*");
    case Kind::kAnything:
      return kiln::details::SchemaOf("void*");
    case Kind::kAny:
      return kiln::details::SchemaOf("Any");
  }
  return kiln::details::SchemaOf("Any");
}

std::string ResultText(const ValueType& type) {
  return type.kind == Kind::kVoid ? "None" : ExpectedText(type);
}

// The type schema, and for people the names and types of the parameters, the type of the result,
// the whole signature, and where the function is written.
std::string MetadataOf(const Signature& signature) {
  std::string parameters;
  std::string names;
  std::string types;
  std::string text = signature.name + "(";
  for (const Parameter& parameter : signature.parameters) {
    const bool first = &parameter == signature.parameters.data();
    parameters += (first ? "" : ",") + SchemaOf(parameter.type);
    names += (first ? "" : ",") + kiln::details::QuoteJson(parameter.name);
    types += (first ? "" : ",") + kiln::details::QuoteJson(ExpectedText(parameter.type));
    text += first ? "" : ", ";
    if (!parameter.name.empty()) text += parameter.name + ": ";
    text += ExpectedText(parameter.type);
  }
  text += ") -> " + ResultText(signature.result);
  const std::string schema = "{\"type\":\"ffi.Function\",\"named_args\":{\"return\":[" +
                             SchemaOf(signature.result) + "],\"params\":[" + parameters + "]}}";
  std::string place;
  if (!signature.file.empty()) {
    place = ",\"file\":" + kiln::details::QuoteJson(signature.file) +
            ",\"line\":" + std::to_string(signature.line);
  }
  return "{\"type_schema\":" + kiln::details::QuoteJson(schema) + ",\"parameters\":[" + names +
         "],\"types\":[" + types +
         "],\"result\":" + kiln::details::QuoteJson(ResultText(signature.result)) +
         ",\"signature\":" + kiln::details::QuoteJson(text) + place + "}";
}

// Makes `thrown` the landing pad of `function` where every exception ends.
void RaiseCaught(llvm::Module* module, llvm::Function* function, llvm::BasicBlock* thrown) {
  llvm::IRBuilder<> builder(thrown);
  llvm::Type* const pointer = builder.getPtrTy();
  llvm::FunctionCallee personality = module->getOrInsertFunction(
      kPersonality, llvm::FunctionType::get(builder.getInt32Ty(), /*isVarArg=*/true));
  function->setPersonalityFn(llvm::cast<llvm::Constant>(personality.getCallee()));
  llvm::LandingPadInst* const pad = builder.CreateLandingPad(
      llvm::StructType::get(pointer, builder.getInt32Ty()), /*NumClauses=*/1);
  pad->addClause(llvm::ConstantPointerNull::get(builder.getPtrTy()));
  llvm::FunctionCallee raise =
      module->getOrInsertFunction("kiln_packed_raise_exception",
                                  llvm::FunctionType::get(builder.getInt32Ty(), {pointer}, false));
  auto* declared = llvm::cast<llvm::Function>(raise.getCallee());
  declared->addFnAttr(llvm::Attribute::Cold);
  declared->addFnAttr(llvm::Attribute::NoUnwind);
  builder.CreateRet(builder.CreateCall(raise, {builder.CreateExtractValue(pad, 0)}));
}

// Writes the packed form of one function.
class WrapperWriter {
 public:
  WrapperWriter(const Signature& signature, const std::string& plan, llvm::Module* module)
      : signature_(signature),
        plan_(plan),
        module_(*module),
        context_(module->getContext()),
        builder_(context_),
        checks_(module, &builder_) {}

  void Write() {
    callee_ = module_.getFunction(signature_.symbol);
    if (callee_ == nullptr) {
      throw kiln::Error("InternalError", "the module has no function '" + signature_.symbol +
                                             "' to export as '" + signature_.name + "'");
    }
    WriteCall();
    WriteText(kMetadataPrefix, MetadataOf(signature_));
    if (!signature_.doc.empty()) WriteText(kDocPrefix, signature_.doc);
  }

 private:
  // int (void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result)
  llvm::Function* MakePacked(std::string_view prefix) {
    const std::string name = std::string(prefix) + signature_.name;
    if (const llvm::GlobalValue* there = module_.getNamedValue(name);
        there != nullptr && !there->isDeclaration()) {
      throw kiln::Error("ValueError", "exports: the source defines '" + name + "' itself; leave '" +
                                          signature_.name + "' out");
    }
    llvm::Type* pointer = builder_.getPtrTy();
    auto* type = llvm::FunctionType::get(builder_.getInt32Ty(),
                                         {pointer, pointer, builder_.getInt32Ty(), pointer}, false);
    llvm::Function* function =
        llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, name, &module_);
    function->setDSOLocal(true);
    CopyTarget(*callee_, function);
    return function;
  }

  // The attributes that tell code generation about CPU and frames.
  static void CopyTarget(const llvm::Function& from, llvm::Function* to) {
    for (const char* name : {"target-cpu", "target-features", "tune-cpu", "frame-pointer"}) {
      if (from.hasFnAttribute(name)) to->addFnAttr(from.getFnAttribute(name));
    }
    if (from.hasUWTable()) to->setUWTableKind(from.getUWTableKind());
  }

  llvm::BasicBlock* MakeBlock(llvm::Function* function, const char* name) {
    return llvm::BasicBlock::Create(context_, name, function);
  }

  void WriteCall() {
    llvm::Function* function = MakePacked(kExportPrefix);
    // What cannot throw has no unwind table.
    if (callee_->doesNotThrow() && !signature_.is_kernel) function->setDoesNotThrow();
    llvm::Value* const args = function->getArg(1);
    llvm::Value* const num_args = function->getArg(2);
    llvm::Value* const result = function->getArg(3);
    llvm::BasicBlock* const entry = MakeBlock(function, "entry");
    llvm::BasicBlock* const arguments = MakeBlock(function, "arguments");
    llvm::BasicBlock* const wrong_count = MakeBlock(function, "wrong_count");
    llvm::Constant* const description = Description();

    builder_.SetInsertPoint(wrong_count);
    builder_.CreateRet(builder_.CreateCall(
        Support("kiln_packed_raise_count", {num_args->getType()}), {description, num_args}));
    builder_.SetInsertPoint(entry);
    const auto count = static_cast<uint32_t>(signature_.parameters.size());
    llvm::Value* const exact = builder_.CreateICmpEQ(num_args, builder_.getInt32(count));
    llvm::Value* with_launch = builder_.getFalse();
    if (signature_.takes_gpu_tensors) checks_.TakeGpuTensors();
    if (signature_.is_kernel) {
      checks_.WantGpuTensors();
      with_launch = builder_.CreateICmpEQ(num_args, builder_.getInt32(count + 1));
    }
    builder_.CreateCondBr(builder_.CreateOr(exact, with_launch), arguments, wrong_count,
                          checks_.Likely());

    // A wrong argument goes on here, with its index and its fault.
    llvm::BasicBlock* const wrong_argument = MakeBlock(function, "wrong_argument");
    builder_.SetInsertPoint(wrong_argument);
    llvm::PHINode* const index = builder_.CreatePHI(builder_.getInt32Ty(), count);
    llvm::PHINode* const fault = builder_.CreatePHI(builder_.getInt32Ty(), count);
    checks_.FailTo(wrong_argument, index, fault);
    builder_.CreateRet(builder_.CreateCall(
        Support("kiln_packed_raise_argument",
                {builder_.getPtrTy(), builder_.getInt32Ty(), builder_.getInt32Ty()}),
        {description, args, index, fault}));

    builder_.SetInsertPoint(arguments);
    std::vector<llvm::Value*> values;
    for (uint32_t i = 0; i < count; ++i) {
      const llvm::FunctionType* type = callee_->getFunctionType();
      llvm::Type* const wanted =
          values.size() < type->getNumParams() ? type->getParamType(values.size()) : nullptr;
      checks_.Read(args, i, signature_.parameters[i].type, wanted, &values);
    }
    if (signature_.is_kernel) BeginLaunch(function, args, with_launch);
    StoreResult(CallPlain(function, values), result);
    builder_.CreateRet(signature_.is_kernel ? EndLaunch() : builder_.getInt32(0));
    if (!index->getNumIncomingValues()) wrong_argument->eraseFromParent();
    AddDebugInfo(*callee_, function);
  }

  // The slot of the kernel, kernel_launch.h tells what for.
  llvm::Constant* Slot() {
    return module_.getGlobalVariable(KernelSlotName(signature_.symbol), /*AllowInternal=*/true);
  }

  // Has the engine set the launch up that the stub carries out. The argument after the kernel's own
  // says how to launch, else the plan does.
  void BeginLaunch(llvm::Function* wrapper, llvm::Value* args, llvm::Value* with_launch) {
    llvm::Type* const pointer = builder_.getPtrTy();
    llvm::Constant* const none = llvm::ConstantPointerNull::get(builder_.getPtrTy());
    llvm::Value* const behind = builder_.CreateConstInBoundsGEP1_64(
        builder_.getInt8Ty(), args, signature_.parameters.size() * sizeof(TVMFFIAny));
    llvm::Value* const launch = builder_.CreateSelect(with_launch, behind, none);
    llvm::Constant* const plan = plan_.empty() ? none : Text(plan_);
    const llvm::FunctionCallee begin = module_.getOrInsertFunction(
        "kiln_begin_launch",
        llvm::FunctionType::get(
            builder_.getInt32Ty(),
            {pointer, pointer, pointer, builder_.getInt64Ty(), builder_.getInt32Ty()}, false));
    llvm::Value* const elements = plan_.empty() ? builder_.getInt64(0) : checks_.FirstSize();
    llvm::Value* const gpu = checks_.FirstGpu();
    llvm::Value* const status = builder_.CreateCall(begin, {Slot(), launch, plan, elements, gpu});
    llvm::BasicBlock* const begun = MakeBlock(wrapper, "begun");
    llvm::BasicBlock* const failed = MakeBlock(wrapper, "not_begun");
    builder_.CreateCondBr(builder_.CreateIsNull(status), begun, failed, checks_.Likely());
    builder_.SetInsertPoint(failed);
    builder_.CreateRet(status);
    builder_.SetInsertPoint(begun);
  }

  llvm::Value* EndLaunch() {
    const llvm::FunctionCallee end = module_.getOrInsertFunction(
        "kiln_end_launch",
        llvm::FunctionType::get(builder_.getInt32Ty(), {builder_.getPtrTy()}, false));
    return builder_.CreateCall(end, {Slot()});
  }

  // Calls the plain function; where it may throw, what it throws is raised.
  llvm::Value* CallPlain(llvm::Function* wrapper, const std::vector<llvm::Value*>& values) {
    CheckTypes(values);
    llvm::CallBase* call = nullptr;
    if (callee_->doesNotThrow() || !callee_->hasUWTable()) {
      call = builder_.CreateCall(callee_, values);
    } else {
      llvm::BasicBlock* const returned = MakeBlock(wrapper, "returned");
      llvm::BasicBlock* const thrown = MakeBlock(wrapper, "thrown");
      call = builder_.CreateInvoke(callee_, returned, thrown, values);
      RaiseCaught(&module_, wrapper, thrown);
      builder_.SetInsertPoint(returned);
    }
    call->setCallingConv(callee_->getCallingConv());
    const llvm::AttributeList attributes = callee_->getAttributes();
    llvm::SmallVector<llvm::AttributeSet> of_parameters;
    for (unsigned i = 0; i < values.size(); ++i) {
      of_parameters.push_back(attributes.getParamAttrs(i));
    }
    call->setAttributes(
        llvm::AttributeList::get(context_, {}, attributes.getRetAttrs(), of_parameters));
    return call;
  }

  void CheckTypes(const std::vector<llvm::Value*>& values) const {
    const llvm::FunctionType* type = callee_->getFunctionType();
    bool agree = values.size() == type->getNumParams();
    for (unsigned i = 0; agree && i < values.size(); ++i) {
      agree = values[i]->getType() == type->getParamType(i);
    }
    if (agree) return;
    throw kiln::Error("InternalError", "the signature of '" + signature_.name +
                                           "' does not fit the parameters of '" +
                                           signature_.symbol + "'");
  }

  void StoreResult(llvm::Value* value, llvm::Value* result) {
    const ValueType& type = signature_.result;
    if (type.kind == Kind::kAny) {
      builder_.CreateStore(builder_.CreateExtractValue(value, 0), result);
      builder_.CreateStore(builder_.CreateExtractValue(value, 1), ValueOf(result));
      return;
    }
    llvm::Type* const i64 = builder_.getInt64Ty();
    // The kind and the padding after it are one word.
    llvm::Value* kind = nullptr;
    llvm::Value* payload = nullptr;
    switch (type.kind) {
      case Kind::kVoid:
        kind = builder_.getInt64(kTVMFFINone);
        payload = builder_.getInt64(0);
        break;
      case Kind::kBool:
        kind = builder_.getInt64(kTVMFFIBool);
        payload = builder_.CreateZExt(builder_.CreateIsNotNull(value), i64);
        break;
      case Kind::kFloat:
        kind = builder_.getInt64(kTVMFFIFloat);
        payload = builder_.CreateFPExt(value, builder_.getDoubleTy());
        break;
      case Kind::kInt:
        kind = builder_.getInt64(kTVMFFIInt);
        payload = builder_.CreateIntCast(value, i64, type.is_signed);
        break;
      default:
        kind = builder_.CreateSelect(builder_.CreateIsNull(value), builder_.getInt64(kTVMFFINone),
                                     builder_.getInt64(kTVMFFIOpaquePtr));
        payload = value;
    }
    builder_.CreateStore(kind, result);
    builder_.CreateStore(payload, ValueOf(result));
  }

  llvm::Value* ValueOf(llvm::Value* any) {
    return builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), any, kValueOffset);
  }

  // int (const KilnPackedSignature*, parameters...), which is seldom called.
  llvm::FunctionCallee Support(const char* name, std::initializer_list<llvm::Type*> parameters) {
    llvm::SmallVector<llvm::Type*> types = {builder_.getPtrTy()};
    types.append(parameters);
    llvm::FunctionCallee function = module_.getOrInsertFunction(
        name, llvm::FunctionType::get(builder_.getInt32Ty(), types, false));
    auto* declared = llvm::cast<llvm::Function>(function.getCallee());
    declared->addFnAttr(llvm::Attribute::Cold);
    declared->addFnAttr(llvm::Attribute::NoUnwind);
    return function;
  }

  // Text that ends in a zero byte.
  llvm::Constant* Text(const std::string& text) {
    return builder_.CreateGlobalString(text, "kiln.text", 0, &module_);
  }

  llvm::Constant* Constant(llvm::Constant* value, const char* name) {
    auto* variable = new llvm::GlobalVariable(module_, value->getType(), /*isConstant=*/true,
                                              llvm::GlobalValue::PrivateLinkage, value, name);
    variable->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    return variable;
  }

  // The KilnPackedSignature of this function.
  llvm::Constant* Description() {
    llvm::SmallVector<llvm::Constant*> parameters;
    for (const Parameter& parameter : signature_.parameters) {
      parameters.push_back(llvm::ConstantStruct::getAnon(
          {Text(parameter.name), Text(ExpectedText(parameter.type))}));
    }
    llvm::Constant* list = llvm::ConstantPointerNull::get(builder_.getPtrTy());
    if (!parameters.empty()) {
      list = Constant(
          llvm::ConstantArray::get(
              llvm::ArrayType::get(parameters[0]->getType(), parameters.size()), parameters),
          "kiln.parameters");
    }
    return Constant(llvm::ConstantStruct::getAnon(
                        {Text(signature_.name), builder_.getInt64(parameters.size()), list}),
                    "kiln.signature");
  }

  // A packed function without arguments that returns `text`.
  void WriteText(std::string_view prefix, const std::string& text) {
    llvm::Function* function = MakePacked(prefix);
    function->setDoesNotThrow();
    builder_.SetInsertPoint(MakeBlock(function, "entry"));
    llvm::Constant* const bytes = Constant(
        llvm::ConstantStruct::getAnon({Text(text), builder_.getInt64(text.size())}), "kiln.bytes");
    llvm::Type* const pointer = builder_.getPtrTy();
    const llvm::FunctionCallee make = module_.getOrInsertFunction(
        "TVMFFIStringFromByteArray",
        llvm::FunctionType::get(builder_.getInt32Ty(), {pointer, pointer}, false));
    llvm::CallInst* call = builder_.CreateCall(make, {bytes, function->getArg(3)});
    call->setTailCall();
    builder_.CreateRet(call);
  }

  const Signature& signature_;
  const std::string& plan_;
  llvm::Module& module_;
  llvm::LLVMContext& context_;
  llvm::IRBuilder<> builder_;
  ArgumentChecks checks_;
  llvm::Function* callee_ = nullptr;
};

bool IsPackedDefinition(const llvm::Function& function) {
  return function.getName().starts_with(kExportPrefix) && !function.isDeclaration() &&
         !function.hasLocalLinkage() && function.arg_size() == 4 &&
         function.getReturnType()->isIntegerTy(32);
}

// Moves the body to a function of its own, and calls that.
void Guard(llvm::Function* function, llvm::Module* module) {
  const std::string name = function->getName().str();
  function->setName(name + ".unguarded");
  llvm::Function* guard =
      llvm::Function::Create(function->getFunctionType(), function->getLinkage(), name, module);
  guard->copyAttributesFrom(function);
  guard->setComdat(function->getComdat());
  guard->setDSOLocal(function->isDSOLocal());
  function->replaceAllUsesWith(guard);
  function->setComdat(nullptr);
  function->setLinkage(llvm::GlobalValue::InternalLinkage);

  llvm::LLVMContext& context = module->getContext();
  llvm::BasicBlock* const entry = llvm::BasicBlock::Create(context, "entry", guard);
  llvm::BasicBlock* const returned = llvm::BasicBlock::Create(context, "returned", guard);
  llvm::BasicBlock* const thrown = llvm::BasicBlock::Create(context, "thrown", guard);
  llvm::IRBuilder<> builder(entry);
  llvm::SmallVector<llvm::Value*> arguments;
  for (llvm::Argument& argument : guard->args()) arguments.push_back(&argument);
  llvm::InvokeInst* const call = builder.CreateInvoke(function, returned, thrown, arguments);
  builder.SetInsertPoint(returned);
  builder.CreateRet(call);
  RaiseCaught(module, guard, thrown);
}

}  // namespace

std::string ExpectedText(const ValueType& type) {
  switch (type.kind) {
    case Kind::kVoid:
      return "nothing";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      if (type.bits == 64) return type.is_signed ? "int" : "unsigned int";
      return std::string(type.is_signed ? "int (" : "unsigned int (") + std::to_string(type.bits) +
             " bits)";
    case Kind::kFloat:
      return "float";
    case Kind::kCString:
      return "string";
    case Kind::kElements:
      return ElementName(type.element) + " tensor";
    case Kind::kAnything:
      return "tensor, pointer or None";
    case Kind::kDLTensor:
      return "tensor";
    case Kind::kAny:
      return "any value";
  }
  return "any value";
}

std::string KernelSlotName(const std::string& stub) { return stub + ".kernel"; }

void AddPackedWrapper(const Signature& signature, llvm::Module* module) {
  AddKernelWrapper(signature, /*plan=*/"", module);
}

void AddKernelWrapper(const Signature& signature, const std::string& plan, llvm::Module* module) {
  WrapperWriter(signature, plan, module).Write();
}

void GuardPackedFunctions(llvm::Module* module) {
  std::vector<llvm::Function*> functions;
  for (llvm::Function& function : *module) {
    if (IsPackedDefinition(function) && !function.doesNotThrow()) functions.push_back(&function);
  }
  for (llvm::Function* function : functions) Guard(function, module);
}

}  // namespace kiln::jit
