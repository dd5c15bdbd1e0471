#include "jit/compile/llvm/argument_checks.h"

#include <cstddef>

#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <tvm/ffi/c_api.h>

#include "jit/compile/llvm/compact_check.h"
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

void ArgumentChecks::AddFailure(int32_t fault) {
  index_->addIncoming(builder_.getInt32(number_), builder_.GetInsertBlock());
  fault_->addIncoming(builder_.getInt32(static_cast<uint32_t>(fault)), builder_.GetInsertBlock());
}

void ArgumentChecks::Fail(int32_t fault) {
  AddFailure(fault);
  builder_.CreateBr(failed_);
}

void ArgumentChecks::Require(llvm::Value* passed, int32_t fault) {
  llvm::BasicBlock* const next = Block("passed");
  AddFailure(fault);
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

llvm::Value* ArgumentChecks::ReadUnsigned64() {
  llvm::BasicBlock* const plain = Block("integer");
  llvm::BasicBlock* const other = Block("no_integer");
  llvm::BasicBlock* const big = Block("big_integer");
  llvm::BasicBlock* const done = Block("unsigned");
  builder_.CreateCondBr(builder_.CreateOr(IsKind(kTVMFFIInt), IsKind(kTVMFFIBool)), plain, other,
                        Likely());
  builder_.SetInsertPoint(plain);
  llvm::Value* const value = Load(builder_.getInt64Ty(), any_, offsetof(TVMFFIAny, v_int64));
  builder_.CreateBr(done);
  builder_.SetInsertPoint(other);
  llvm::Type* const pointer = builder_.getPtrTy();
  llvm::Value* const place = builder_.CreateCall(
      module_.getOrInsertFunction("kiln_packed_unsigned_bits", pointer, pointer), {any_});
  AddFailure(kKilnPackedFaultKind);
  builder_.CreateCondBr(builder_.CreateIsNull(place), failed_, big);
  builder_.SetInsertPoint(big);
  llvm::Value* const bits = builder_.CreateLoad(builder_.getInt64Ty(), place);
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
  llvm::PHINode* const result = builder_.CreatePHI(builder_.getInt64Ty(), 2);
  result->addIncoming(value, plain);
  result->addIncoming(bits, big);
  return result;
}

llvm::Value* ArgumentChecks::ReadInteger(const ValueType& type) {
  if (type.kind == Kind::kInt && type.bits == 64 && !type.is_signed) return ReadUnsigned64();
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
  llvm::Value* const text =
      builder_.CreateSelect(is_small, inline_text, builder_.CreateLoad(pointer, place));
  // A raw string ends at its first NUL; one that has a size may have more of them.
  llvm::BasicBlock* const sized = Block("sized_text");
  llvm::BasicBlock* const whole = Block("text");
  builder_.CreateCondBr(is_raw, whole, sized, Likely());
  builder_.SetInsertPoint(sized);
  llvm::Value* const has_nul = builder_.CreateCall(
      module_.getOrInsertFunction("kiln_packed_has_nul", builder_.getInt32Ty(), pointer), {any_});
  AddFailure(kKilnPackedFaultNul);
  builder_.CreateCondBr(builder_.CreateIsNull(has_nul), whole, failed_, Likely());
  builder_.SetInsertPoint(whole);
  return text;
}

llvm::Value* ArgumentChecks::TensorOr(llvm::BasicBlock* none, bool is_const) {
  llvm::Type* const pointer = builder_.getPtrTy();
  llvm::Constant* const null = llvm::ConstantPointerNull::get(builder_.getPtrTy());
  llvm::Value* const payload = Load(pointer, any_, offsetof(TVMFFIAny, v_ptr));
  llvm::BasicBlock* const object = Block("object");
  llvm::BasicBlock* const bare = Block("bare");
  llvm::BasicBlock* const found = Block("tensor");
  // A branch: what it is guessed to be does not wait for the kind.
  builder_.CreateCondBr(IsKind(kTVMFFITensor), object, bare, Likely());

  builder_.SetInsertPoint(object);
  llvm::Value* const in_object =
      builder_.CreateConstGEP1_64(builder_.getInt8Ty(), payload, sizeof(TVMFFIObject));
  llvm::Value* const deleter =
      is_const ? null : Load(pointer, payload, offsetof(TVMFFIObject, deleter));
  builder_.CreateBr(found);

  builder_.SetInsertPoint(bare);
  builder_.CreateCondBr(
      builder_.CreateAnd(IsKind(kTVMFFIDLTensorPtr), builder_.CreateIsNotNull(payload)), found,
      none);

  builder_.SetInsertPoint(found);
  llvm::PHINode* const tensor = builder_.CreatePHI(pointer, 2);
  tensor->addIncoming(in_object, object);
  tensor->addIncoming(payload, bare);
  llvm::PHINode* const deleter_or_null = builder_.CreatePHI(pointer, 2);
  deleter_or_null->addIncoming(deleter, object);
  deleter_or_null->addIncoming(null, bare);
  deleter_ = deleter_or_null;
  return tensor;
}

llvm::Value* ArgumentChecks::ReadTensor(const ValueType& type) {
  const bool has_elements = type.kind == Kind::kElements;
  llvm::BasicBlock* const none = Block("no_tensor");
  llvm::Value* const tensor = TensorOr(none, !has_elements || type.is_const);
  llvm::BasicBlock* const found = builder_.GetInsertBlock();
  builder_.SetInsertPoint(none);
  Fail(kKilnPackedFaultKind);
  builder_.SetInsertPoint(found);
  return has_elements ? ElementsOf(tensor, type) : tensor;
}

llvm::Value* ArgumentChecks::ElementsOf(llvm::Value* tensor, const ValueType& type) {
  llvm::Type* const i64 = builder_.getInt64Ty();
  const bool typed = type.kind == Kind::kElements;
  if (typed) {
    llvm::Value* const dtype = Load(builder_.getInt32Ty(), tensor, offsetof(DLTensor, dtype));
    Require(builder_.CreateICmpEQ(dtype, builder_.getInt32(DataTypeBits(type.element))),
            kKilnPackedFaultKind);
  }
  RequireMemory(tensor);
  RequireCompact(tensor);

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

void ArgumentChecks::RequireCompact(llvm::Value* tensor) {
  llvm::Type* const i64 = builder_.getInt64Ty();
  llvm::Value* const one = builder_.getInt64(1);
  const auto at = [&](llvm::Value* extents, unsigned dimension) {
    return Load(i64, extents, dimension * sizeof(int64_t));
  };
  llvm::BasicBlock* const strided = Block("strided");
  llvm::BasicBlock* const vector = Block("vector");
  llvm::BasicBlock* const no_vector = Block("no_vector");
  llvm::BasicBlock* const matrix = Block("matrix");
  llvm::BasicBlock* const other = Block("other");
  llvm::BasicBlock* const done = Block("compact");
  llvm::Value* const strides = Load(builder_.getPtrTy(), tensor, offsetof(DLTensor, strides));
  llvm::Value* const ndim = Load(builder_.getInt32Ty(), tensor, offsetof(DLTensor, ndim));
  builder_.CreateCondBr(builder_.CreateIsNull(strides), done, strided);

  // What vectors and matrices nearly always are is seen at once.
  builder_.SetInsertPoint(strided);
  builder_.CreateCondBr(builder_.CreateICmpEQ(ndim, builder_.getInt32(1)), vector, no_vector,
                        Likely());
  builder_.SetInsertPoint(vector);
  builder_.CreateCondBr(builder_.CreateICmpEQ(at(strides, 0), one), done, other, Likely());
  builder_.SetInsertPoint(no_vector);
  builder_.CreateCondBr(builder_.CreateICmpEQ(ndim, builder_.getInt32(2)), matrix, other);
  builder_.SetInsertPoint(matrix);
  llvm::Value* const shape = Load(builder_.getPtrTy(), tensor, offsetof(DLTensor, shape));
  builder_.CreateCondBr(builder_.CreateAnd(builder_.CreateICmpEQ(at(strides, 1), one),
                                           builder_.CreateICmpEQ(at(strides, 0), at(shape, 1))),
                        done, other, Likely());

  builder_.SetInsertPoint(other);
  llvm::Function* const check = CompactCheck(&module_);
  llvm::CallInst* const compact = builder_.CreateCall(check, {tensor});
  compact->setCallingConv(check->getCallingConv());
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

llvm::Value* ArgumentChecks::FirstGpu() {
  llvm::Type* const i32 = builder_.getInt32Ty();
  llvm::Value* const first = FirstTensor();
  llvm::BasicBlock* const without = builder_.GetInsertBlock();
  llvm::BasicBlock* const with = Block("on_gpu");
  llvm::BasicBlock* const done = Block("gpu");
  builder_.CreateCondBr(builder_.CreateIsNotNull(first), with, done, Likely());
  builder_.SetInsertPoint(with);
  llvm::Value* const id = Load(i32, first, kDeviceOffset + offsetof(DLDevice, device_id));
  builder_.CreateBr(done);
  builder_.SetInsertPoint(done);
  llvm::PHINode* const gpu = builder_.CreatePHI(i32, 2);
  gpu->addIncoming(builder_.getInt32(UINT32_MAX), without);
  gpu->addIncoming(id, with);
  return gpu;
}

llvm::Value* ArgumentChecks::FirstSize() {
  return builder_.CreateCall(ElementCount(), {FirstTensor()});
}

llvm::Function* ArgumentChecks::ElementCount() {
  constexpr char kName[] = "kiln.element_count";
  if (llvm::Function* there = module_.getFunction(kName)) return there;
  llvm::LLVMContext& context = module_.getContext();
  llvm::IRBuilder<> builder(context);
  llvm::Type* const i64 = builder.getInt64Ty();
  auto* function = llvm::Function::Create(llvm::FunctionType::get(i64, {builder.getPtrTy()}, false),
                                          llvm::GlobalValue::InternalLinkage, kName, &module_);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  llvm::Value* const tensor = function->getArg(0);
  const auto block = [&](const char* name) {
    return llvm::BasicBlock::Create(context, name, function);
  };
  const auto load = [&](llvm::Type* type, uint64_t offset) {
    return builder.CreateLoad(
        type, builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), tensor, offset));
  };
  llvm::BasicBlock* const entry = block("entry");
  llvm::BasicBlock* const none = block("none");
  llvm::BasicBlock* const start = block("start");
  llvm::BasicBlock* const loop = block("loop");
  llvm::BasicBlock* const body = block("body");
  llvm::BasicBlock* const end = block("end");
  builder.SetInsertPoint(entry);
  builder.CreateCondBr(builder.CreateIsNull(tensor), none, start);
  builder.SetInsertPoint(none);
  builder.CreateRet(builder.getInt64(0));

  builder.SetInsertPoint(start);
  llvm::Value* const shape = load(builder.getPtrTy(), offsetof(DLTensor, shape));
  llvm::Value* const ndim =
      builder.CreateSExt(load(builder.getInt32Ty(), offsetof(DLTensor, ndim)), i64);
  builder.CreateBr(loop);
  builder.SetInsertPoint(loop);
  llvm::PHINode* const index = builder.CreatePHI(i64, 2);
  llvm::PHINode* const product = builder.CreatePHI(i64, 2);
  builder.CreateCondBr(builder.CreateICmpSLT(index, ndim), body, end);
  builder.SetInsertPoint(body);
  llvm::Value* const extent =
      builder.CreateLoad(i64, builder.CreateInBoundsGEP(i64, shape, {index}));
  llvm::Value* const times = builder.CreateMul(product, extent);
  llvm::Value* const next = builder.CreateAdd(index, builder.getInt64(1));
  builder.CreateBr(loop);
  index->addIncoming(builder.getInt64(0), start);
  index->addIncoming(next, body);
  product->addIncoming(builder.getInt64(1), start);
  product->addIncoming(times, body);
  builder.SetInsertPoint(end);
  builder.CreateRet(product);
  return function;
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
  // symbol is null where the runtime does not; so is the deleter of what is never deleted.
  llvm::Constant* const read_only =
      module_.getOrInsertGlobal(kReadOnlyDeleter, builder_.getInt8Ty());
  llvm::cast<llvm::GlobalVariable>(read_only)->setLinkage(llvm::GlobalValue::ExternalWeakLinkage);
  llvm::BasicBlock* const same = Block("same_deleter");
  llvm::BasicBlock* const go_on = Block("writable");
  builder_.CreateCondBr(builder_.CreateICmpNE(deleter_, read_only), go_on, same, Likely());
  builder_.SetInsertPoint(same);
  Require(builder_.CreateIsNull(deleter_), kKilnPackedFaultReadOnly);
  builder_.CreateBr(go_on);
  builder_.SetInsertPoint(go_on);
}

llvm::Value* ArgumentChecks::ReadAnything(const ValueType& type) {
  llvm::BasicBlock* const address = Block("address");
  llvm::BasicBlock* const done = Block("done");
  llvm::Value* const tensor = TensorOr(address, type.is_const);
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

}  // namespace kiln::jit
