#include "jit/compile/llvm/compact_check.h"

#include <cstddef>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>

#include <tvm/ffi/c_api.h>

namespace kiln::jit {
namespace {

constexpr char kName[] = "kiln.is_compact";

void WriteBody(llvm::Function* function) {
  llvm::LLVMContext& context = function->getContext();
  llvm::IRBuilder<> builder(context);
  llvm::Type* const i64 = builder.getInt64Ty();
  llvm::Type* const pointer = builder.getPtrTy();
  llvm::Constant* const zero = builder.getInt64(0);
  llvm::Constant* const one = builder.getInt64(1);
  llvm::MDNode* const likely = llvm::MDBuilder(context).createLikelyBranchWeights();
  llvm::MDNode* const unlikely = llvm::MDBuilder(context).createUnlikelyBranchWeights();
  const auto block = [&](const char* name) {
    return llvm::BasicBlock::Create(context, name, function);
  };
  const auto field = [&](llvm::Type* type, uint64_t offset) {
    return builder.CreateLoad(
        type, builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), function->getArg(0), offset));
  };
  const auto element = [&](llvm::Value* extents, llvm::Value* i) {
    return builder.CreateLoad(i64, builder.CreateInBoundsGEP(i64, extents, {i}));
  };
  llvm::BasicBlock* const entry = block("entry");
  llvm::BasicBlock* const start = block("start");
  llvm::BasicBlock* const loop = block("loop");
  llvm::BasicBlock* const body = block("body");
  llvm::BasicBlock* const not_empty = block("not_empty");
  llvm::BasicBlock* const other_stride = block("other_stride");
  llvm::BasicBlock* const next = block("next");
  llvm::BasicBlock* const gap = block("gap");
  llvm::BasicBlock* const before_gap = block("before_gap");
  llvm::BasicBlock* const compact = block("compact");
  llvm::BasicBlock* const not_compact = block("not_compact");

  builder.SetInsertPoint(compact);
  builder.CreateRet(builder.getTrue());
  builder.SetInsertPoint(not_compact);
  builder.CreateRet(builder.getFalse());

  builder.SetInsertPoint(entry);
  llvm::Value* const strides = field(pointer, offsetof(DLTensor, strides));
  builder.CreateCondBr(builder.CreateIsNull(strides), compact, start);

  builder.SetInsertPoint(start);
  llvm::Value* const shape = field(pointer, offsetof(DLTensor, shape));
  llvm::Value* const ndim =
      builder.CreateSExt(field(builder.getInt32Ty(), offsetof(DLTensor, ndim)), i64);
  llvm::Value* const last = builder.CreateSub(ndim, one);
  builder.CreateBr(loop);

  // From the last dimension to the first: `expected` is the stride that it should have.
  builder.SetInsertPoint(loop);
  llvm::PHINode* const i = builder.CreatePHI(i64, 2);
  llvm::PHINode* const expected = builder.CreatePHI(i64, 2);
  builder.CreateCondBr(builder.CreateICmpSGE(i, zero), body, compact);
  builder.SetInsertPoint(body);
  llvm::Value* const extent = element(shape, i);
  builder.CreateCondBr(builder.CreateIsNull(extent), compact, not_empty, unlikely);
  builder.SetInsertPoint(not_empty);
  builder.CreateCondBr(builder.CreateICmpEQ(element(strides, i), expected), next, other_stride,
                       likely);
  builder.SetInsertPoint(other_stride);
  builder.CreateCondBr(builder.CreateICmpEQ(extent, one), next, gap, likely);
  builder.SetInsertPoint(next);
  llvm::Value* const product = builder.CreateMul(expected, extent);
  llvm::Value* const following = builder.CreateSub(i, one);
  builder.CreateBr(loop);
  i->addIncoming(last, start);
  i->addIncoming(following, next);
  expected->addIncoming(one, start);
  expected->addIncoming(product, next);

  // There is a gap, unless one of the dimensions that are left has no element.
  builder.SetInsertPoint(gap);
  llvm::PHINode* const at = builder.CreatePHI(i64, 2);
  llvm::Value* const before = builder.CreateSub(at, one);
  builder.CreateCondBr(builder.CreateICmpSGE(before, zero), before_gap, not_compact);
  builder.SetInsertPoint(before_gap);
  builder.CreateCondBr(builder.CreateIsNull(element(shape, before)), compact, gap);
  at->addIncoming(i, other_stride);
  at->addIncoming(before, before_gap);
}

}  // namespace

llvm::Function* CompactCheck(llvm::Module* module) {
  if (llvm::Function* there = module->getFunction(kName)) return there;
  llvm::LLVMContext& context = module->getContext();
  auto* type = llvm::FunctionType::get(llvm::Type::getInt1Ty(context),
                                       {llvm::PointerType::getUnqual(context)}, false);
  auto* function = llvm::Function::Create(type, llvm::GlobalValue::InternalLinkage, kName, module);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->addFnAttr(llvm::Attribute::NoInline);
  function->setCallingConv(llvm::CallingConv::PreserveMost);
  WriteBody(function);
  return function;
}

}  // namespace kiln::jit
