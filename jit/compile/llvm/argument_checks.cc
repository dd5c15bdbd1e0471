#include "jit/compile/llvm/argument_checks.h"

#include <cstddef>

#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <tvm/ffi/c_api.h>

#include "jit/compile/llvm/packed_support.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

using Kind = ValueType::Kind;

constexpr char kReadOnlyDeleter[] = "kiln_read_only_tensor_deleter";
constexpr uint64_t kDeviceOffset = offsetof(DLTensor, device);

// A DLDataType of one lane as the integer that its bytes are.
uint32_t DataTypeBits(const ValueType::Element& element) {
  uint32_t code = element.is_signed ? kDLInt : kDLUInt;
  if (element.kind == Kind::kBool) code = kDLBool;
  if (element.kind == Kind::kFloat) code = element.brain ? kDLBfloat : kDLFloat;
  return code | element.bits << 8 | 1U << 16;
}

}  // namespace

ArgumentChecks::ArgumentChecks(llvm::Module* module, llvm::IRBuilder<>* builder)
    : module_(*module), builder_(*builder) {}

llvm::MDNode* ArgumentChecks::Likely() const {
  return llvm::MDBuilder(module_.getContext()).createLikelyBranchWeights();
}

llvm::Value* ArgumentChecks::Load(llvm::Type* type, llvm::Value* base, uint64_t offset) {
  return builder_.CreateLoad(
      type, builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), base, offset));
}

llvm::BasicBlock* ArgumentChecks::Block(const char* name) {
  return llvm::BasicBlock::Create(module_.getContext(), name,
                                  builder_.GetInsertBlock()->getParent());
}

llvm::Value* ArgumentChecks::IsKind(int32_t kind) {
  return builder_.CreateICmpEQ(kind_, builder_.getInt32(static_cast<uint32_t>(kind)));
}

void ArgumentChecks::Require(llvm::Value* passed, int32_t fault) {
  llvm::BasicBlock* const next = Block("passed");
  index_->addIncoming(builder_.getInt32(number_), builder_.GetInsertBlock());
  fault_->addIncoming(builder_.getInt32(static_cast<uint32_t>(fault)), builder_.GetInsertBlock());
  builder_.CreateCondBr(passed, next, failed_, Likely());
  builder_.SetInsertPoint(next);
}

void ArgumentChecks::Read(llvm::Value* args, uint32_t index, const ValueType& type,
                          llvm::Type* wanted, std::vector<llvm::Value*>* values) {
  number_ = index;
  any_ = builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), args,
                                             uint64_t{index} * sizeof(TVMFFIAny));
  kind_ = Load(builder_.getInt32Ty(), any_, offsetof(TVMFFIAny, type_index));
  switch (type.kind) {
    case Kind::kBool:
    case Kind::kInt:
      values->push_back(ReadInteger(type));
      return;
    case Kind::kFloat:
      values->push_back(ReadFloat(wanted));
      return;
    case Kind::kCString:
      values->push_back(ReadText());
      return;
    case Kind::kElements:
    case Kind::kDLTensor:
      values->push_back(ReadTensor(type));
      return;
    case Kind::kAnything:
      values->push_back(ReadAnything(type));
      return;
    case Kind::kAny:
      ReadAny(wanted, values);
      return;
    case Kind::kVoid:
      throw kiln::Error("InternalError", "a parameter can't be void");
  }
}

llvm::Value* ArgumentChecks::ReadInteger(const ValueType& type) {
  Require(builder_.CreateOr(IsKind(kTVMFFIInt), IsKind(kTVMFFIBool)), kKilnPackedFaultKind);
  llvm::Value* const value = Load(builder_.getInt64Ty(), any_, offsetof(TVMFFIAny, v_int64));
  if (type.kind == Kind::kBool) return builder_.CreateIsNotNull(value);
  if (type.bits == 64) return value;
  llvm::Value* const narrow = builder_.CreateTrunc(value, builder_.getIntNTy(type.bits));
  llvm::Value* const widened =
      builder_.CreateIntCast(narrow, builder_.getInt64Ty(), type.is_signed);
  Require(builder_.CreateICmpEQ(value, widened), kKilnPackedFaultRange);
  return narrow;
}

llvm::Value* ArgumentChecks::ReadFloat(llvm::Type* type) {
  llvm::Value* const is_float = IsKind(kTVMFFIFloat);
  Require(builder_.CreateOr(is_float, builder_.CreateOr(IsKind(kTVMFFIInt), IsKind(kTVMFFIBool))),
          kKilnPackedFaultKind);
  llvm::Value* const bits = Load(builder_.getInt64Ty(), any_, offsetof(TVMFFIAny, v_int64));
  llvm::Value* const value =
      builder_.CreateSelect(is_float, builder_.CreateBitCast(bits, builder_.getDoubleTy()),
                            builder_.CreateSIToFP(bits, builder_.getDoubleTy()));
  return builder_.CreateFPCast(value, type);
}

llvm::Value* ArgumentChecks::ReadText() {
  llvm::Value* const is_raw = IsKind(kTVMFFIRawStr);
  llvm::Value* const is_small = IsKind(kTVMFFISmallStr);
  llvm::Value* const is_object = IsKind(kTVMFFIStr);
  Require(builder_.CreateOr(is_raw, builder_.CreateOr(is_small, is_object)), kKilnPackedFaultKind);
  llvm::Type* const pointer = builder_.getPtrTy();
  llvm::Value* const payload = Load(pointer, any_, offsetof(TVMFFIAny, v_ptr));
  // The text of an object stands behind a pointer, which is read only from an object.
  llvm::Value* const inline_text =
      builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), any_, offsetof(TVMFFIAny, v_bytes));
  llvm::Value* const place = builder_.CreateSelect(
      is_object,
      builder_.CreateConstGEP1_64(builder_.getInt8Ty(), payload,
                                  sizeof(TVMFFIObject) + offsetof(TVMFFIByteArray, data)),
      builder_.CreateConstInBoundsGEP1_64(builder_.getInt8Ty(), any_, offsetof(TVMFFIAny, v_ptr)));
  return builder_.CreateSelect(is_small, inline_text, builder_.CreateLoad(pointer, place));
}

llvm::Value* ArgumentChecks::TensorOrNull() {
  llvm::Type* const pointer = builder_.getPtrTy();
  llvm::Value* const payload = Load(pointer, any_, offsetof(TVMFFIAny, v_ptr));
  llvm::Value* const in_object =
      builder_.CreateConstGEP1_64(builder_.getInt8Ty(), payload, sizeof(TVMFFIObject));
  // A branch: what it is guessed to be does not wait for the kind.
  llvm::BasicBlock* const is_object = builder_.GetInsertBlock();
  llvm::BasicBlock* const is_other = Block("no_object");
  llvm::BasicBlock* const done = Block("tensor");
  builder_.CreateCondBr(IsKind(kTVMFFITensor), done, is_other, Likely());
  builder_.SetInsertPoint(is_other);
  llvm::Value* const bare = builder_.CreateSelect(
      IsKind(kTVMFFIDLTensorPtr), payload, llvm::ConstantPointerNull::get(builder_.getPtrTy()));
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
  llvm::PHINode* const tensor = builder_.CreatePHI(pointer, 2);
  tensor->addIncoming(in_object, is_object);
  tensor->addIncoming(bare, is_other);
  return tensor;
}

llvm::Value* ArgumentChecks::ReadTensor(const ValueType& type) {
  llvm::Value* const tensor = TensorOrNull();
  Require(builder_.CreateIsNotNull(tensor), kKilnPackedFaultKind);
  return type.kind == Kind::kDLTensor ? tensor : ElementsOf(tensor, type);
}

llvm::Value* ArgumentChecks::ElementsOf(llvm::Value* tensor, const ValueType& type) {
  llvm::Type* const i64 = builder_.getInt64Ty();
  const bool typed = type.kind == Kind::kElements;
  RequireDataAndShape(tensor, typed ? DataTypeBits(type.element) : 0);

  llvm::Value* const base = Load(builder_.getPtrTy(), tensor, offsetof(DLTensor, data));
  llvm::Value* const offset = Load(i64, tensor, offsetof(DLTensor, byte_offset));
  llvm::Value* const first = builder_.CreateGEP(builder_.getInt8Ty(), base, offset);
  if (typed && type.element.bits > 8) {
    llvm::Value* const beyond = builder_.CreateAnd(builder_.CreatePtrToInt(first, i64),
                                                   builder_.getInt64(type.element.bits / 8 - 1));
    Require(builder_.CreateIsNull(beyond), kKilnPackedFaultAlignment);
  }
  if (!type.is_const) RequireWritable();
  return first;
}

void ArgumentChecks::RequireDataAndShape(llvm::Value* tensor, uint32_t data_type) {
  static_assert(offsetof(DLTensor, dtype) == offsetof(DLTensor, ndim) + 4);
  llvm::Type* const i64 = builder_.getInt64Ty();
  llvm::Value* const word = Load(i64, tensor, offsetof(DLTensor, ndim));
  llvm::BasicBlock* const vector = Block("vector");
  llvm::BasicBlock* const strided = Block("strided");
  llvm::BasicBlock* const other = Block("other");
  llvm::BasicBlock* const done = Block("done");
  // Of a vector, number of dimensions and type are one word, and one stride is all there is.
  llvm::Value* const dimensions =
      data_type != 0 ? word : builder_.CreateAnd(word, builder_.getInt64(UINT32_MAX));
  builder_.CreateCondBr(
      builder_.CreateICmpEQ(dimensions, builder_.getInt64(uint64_t{data_type} << 32 | 1)), vector,
      other);

  builder_.SetInsertPoint(vector);
  RequireMemory(tensor);
  llvm::Value* const strides = Load(builder_.getPtrTy(), tensor, offsetof(DLTensor, strides));
  builder_.CreateCondBr(builder_.CreateIsNull(strides), done, strided);
  builder_.SetInsertPoint(strided);
  builder_.CreateCondBr(builder_.CreateICmpEQ(Load(i64, strides, 0), builder_.getInt64(1)), done,
                        other, Likely());

  builder_.SetInsertPoint(other);
  if (data_type != 0) {
    Require(builder_.CreateICmpEQ(builder_.CreateLShr(word, 32), builder_.getInt64(data_type)),
            kKilnPackedFaultKind);
  }
  RequireMemory(tensor);
  llvm::CallInst* const compact = builder_.CreateCall(IsCompact(), {tensor});
  compact->setCallingConv(IsCompact()->getCallingConv());
  Require(compact, kKilnPackedFaultContiguity);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
}

void ArgumentChecks::RequireMemory(llvm::Value* tensor) {
  if (first_tensor_ == nullptr) {
    RequireTakenMemory(tensor);
  } else {
    RequireMemoryOfOneGpu(tensor);
  }
}

void ArgumentChecks::RequireTakenMemory(llvm::Value* tensor) {
  llvm::Value* const device =
      Load(builder_.getInt32Ty(), tensor, kDeviceOffset + offsetof(DLDevice, device_type));
  llvm::BasicBlock* const other = Block("other_device");
  llvm::BasicBlock* const done = Block("device");
  builder_.CreateCondBr(builder_.CreateICmpEQ(device, builder_.getInt32(kDLCPU)), done, other,
                        Likely());
  builder_.SetInsertPoint(other);
  llvm::Value* const known = builder_.CreateICmpULT(device, builder_.getInt32(32));
  llvm::Value* const bit = builder_.CreateLShr(builder_.getInt32(taken_devices_),
                                               builder_.CreateAnd(device, builder_.getInt32(31)));
  Require(builder_.CreateAnd(known, builder_.CreateTrunc(bit, builder_.getInt1Ty())),
          kKilnPackedFaultDevice);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
}

void ArgumentChecks::WantGpuTensors() {
  first_tensor_ = builder_.CreateAlloca(builder_.getPtrTy());
  builder_.CreateStore(llvm::ConstantPointerNull::get(builder_.getPtrTy()), first_tensor_);
}

llvm::Value* ArgumentChecks::FirstTensor() {
  return builder_.CreateLoad(builder_.getPtrTy(), first_tensor_);
}

void ArgumentChecks::RequireMemoryOfOneGpu(llvm::Value* tensor) {
  llvm::Type* const i32 = builder_.getInt32Ty();
  llvm::Value* const type = Load(i32, tensor, kDeviceOffset + offsetof(DLDevice, device_type));
  Require(builder_.CreateOr(builder_.CreateICmpEQ(type, builder_.getInt32(kDLCUDA)),
                            builder_.CreateICmpEQ(type, builder_.getInt32(kDLCUDAManaged))),
          kKilnPackedFaultNotOnGpu);
  llvm::Value* const before = FirstTensor();
  llvm::Value* const first = builder_.CreateSelect(builder_.CreateIsNull(before), tensor, before);
  builder_.CreateStore(first, first_tensor_);
  constexpr uint64_t kId = kDeviceOffset + offsetof(DLDevice, device_id);
  Require(builder_.CreateICmpEQ(Load(i32, tensor, kId), Load(i32, first, kId)),
          kKilnPackedFaultOtherGpu);
}

void ArgumentChecks::RequireWritable() {
  // Only a Tensor knows whether it may be written, and only some runtimes tell, by its deleter. The
  // symbol is null where the runtime does not.
  llvm::Constant* const deleter = module_.getOrInsertGlobal(kReadOnlyDeleter, builder_.getInt8Ty());
  llvm::cast<llvm::GlobalVariable>(deleter)->setLinkage(llvm::GlobalValue::ExternalWeakLinkage);
  llvm::BasicBlock* const look = Block("look");
  llvm::BasicBlock* const go_on = Block("go_on");
  builder_.CreateCondBr(IsKind(kTVMFFITensor), look, go_on, Likely());
  builder_.SetInsertPoint(look);
  llvm::Value* const object = Load(builder_.getPtrTy(), any_, offsetof(TVMFFIAny, v_obj));
  Require(builder_.CreateICmpNE(Load(builder_.getPtrTy(), object, offsetof(TVMFFIObject, deleter)),
                                deleter),
          kKilnPackedFaultReadOnly);
  builder_.CreateBr(go_on);
  builder_.SetInsertPoint(go_on);
}

llvm::Value* ArgumentChecks::ReadAnything(const ValueType& type) {
  llvm::Value* const tensor = TensorOrNull();
  llvm::BasicBlock* const elements = Block("elements");
  llvm::BasicBlock* const address = Block("address");
  llvm::BasicBlock* const done = Block("done");
  builder_.CreateCondBr(builder_.CreateIsNotNull(tensor), elements, address);

  builder_.SetInsertPoint(elements);
  llvm::Value* const first = ElementsOf(tensor, type);
  llvm::BasicBlock* const from_elements = builder_.GetInsertBlock();
  builder_.CreateBr(done);

  builder_.SetInsertPoint(address);
  Require(builder_.CreateOr(IsKind(kTVMFFINone), IsKind(kTVMFFIOpaquePtr)), kKilnPackedFaultKind);
  llvm::Value* const payload = Load(builder_.getPtrTy(), any_, offsetof(TVMFFIAny, v_ptr));
  llvm::Value* const pointer = builder_.CreateSelect(
      IsKind(kTVMFFINone), llvm::ConstantPointerNull::get(builder_.getPtrTy()), payload);
  llvm::BasicBlock* const from_address = builder_.GetInsertBlock();
  builder_.CreateBr(done);

  builder_.SetInsertPoint(done);
  llvm::PHINode* const value = builder_.CreatePHI(builder_.getPtrTy(), 2);
  value->addIncoming(first, from_elements);
  value->addIncoming(pointer, from_address);
  return value;
}

void ArgumentChecks::ReadAny(llvm::Type* wanted, std::vector<llvm::Value*>* values) {
  if (wanted != nullptr && wanted->isPointerTy()) {
    values->push_back(any_);  // by value, in memory
    return;
  }
  values->push_back(Load(builder_.getInt64Ty(), any_, 0));
  values->push_back(Load(builder_.getInt64Ty(), any_, offsetof(TVMFFIAny, v_int64)));
}

llvm::Function* ArgumentChecks::IsCompact() {
  constexpr char kName[] = "kiln.is_compact";
  if (llvm::Function* there = module_.getFunction(kName)) return there;
  llvm::LLVMContext& context = module_.getContext();
  llvm::IRBuilder<> builder(context);
  llvm::Type* const i64 = builder.getInt64Ty();
  llvm::Type* const pointer = builder.getPtrTy();
  auto* function =
      llvm::Function::Create(llvm::FunctionType::get(builder.getInt1Ty(), {pointer}, false),
                             llvm::GlobalValue::InternalLinkage, kName, &module_);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  // Out of line, and it leaves the caller's registers alone: vectors don't come here.
  function->addFnAttr(llvm::Attribute::NoInline);
  function->setCallingConv(llvm::CallingConv::PreserveMost);
  llvm::Value* const tensor = function->getArg(0);
  const auto block = [&](const char* name) {
    return llvm::BasicBlock::Create(context, name, function);
  };
  const auto load = [&](llvm::Type* type, uint64_t offset) {
    return builder.CreateLoad(
        type, builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), tensor, offset));
  };
  llvm::BasicBlock* const entry = block("entry");
  llvm::BasicBlock* const start = block("start");
  llvm::BasicBlock* const loop = block("loop");
  llvm::BasicBlock* const body = block("body");
  llvm::BasicBlock* const next = block("next");
  llvm::BasicBlock* const end = block("end");
  llvm::BasicBlock* const compact = block("compact");

  builder.SetInsertPoint(compact);
  builder.CreateRet(builder.getTrue());

  builder.SetInsertPoint(entry);
  llvm::Value* const strides = load(pointer, offsetof(DLTensor, strides));
  builder.CreateCondBr(builder.CreateIsNull(strides), compact, start);

  builder.SetInsertPoint(start);
  llvm::Value* const shape = load(pointer, offsetof(DLTensor, shape));
  llvm::Value* const ndim =
      builder.CreateSExt(load(builder.getInt32Ty(), offsetof(DLTensor, ndim)), i64);
  builder.CreateBr(loop);

  // From the last dimension to the first: `expected` is the stride that it should have.
  builder.SetInsertPoint(loop);
  llvm::PHINode* const left = builder.CreatePHI(i64, 2);
  llvm::PHINode* const expected = builder.CreatePHI(i64, 2);
  llvm::PHINode* const so_far = builder.CreatePHI(builder.getInt1Ty(), 2);
  builder.CreateCondBr(builder.CreateICmpSGT(left, builder.getInt64(0)), body, end);

  builder.SetInsertPoint(body);
  llvm::Value* const i = builder.CreateSub(left, builder.getInt64(1));
  llvm::Value* const extent = builder.CreateLoad(i64, builder.CreateInBoundsGEP(i64, shape, {i}));
  llvm::Value* const stride = builder.CreateLoad(i64, builder.CreateInBoundsGEP(i64, strides, {i}));
  builder.CreateCondBr(builder.CreateIsNull(extent), compact, next);

  builder.SetInsertPoint(next);
  llvm::Value* const fits = builder.CreateOr(builder.CreateICmpEQ(extent, builder.getInt64(1)),
                                             builder.CreateICmpEQ(stride, expected));
  llvm::Value* const still = builder.CreateAnd(so_far, fits);
  llvm::Value* const product = builder.CreateMul(expected, extent);
  builder.CreateBr(loop);

  left->addIncoming(ndim, start);
  left->addIncoming(i, next);
  expected->addIncoming(builder.getInt64(1), start);
  expected->addIncoming(product, next);
  so_far->addIncoming(builder.getTrue(), start);
  so_far->addIncoming(still, next);

  builder.SetInsertPoint(end);
  builder.CreateRet(so_far);
  return function;
}

}  // namespace kiln::jit
