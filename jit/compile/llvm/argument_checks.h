#ifndef KILN_JIT_COMPILE_LLVM_ARGUMENT_CHECKS_H_
#define KILN_JIT_COMPILE_LLVM_ARGUMENT_CHECKS_H_

#include <cstdint>
#include <vector>

#include <llvm/IR/IRBuilder.h>

#include "jit/artifact/signature.h"

namespace kiln::jit {

// Writes the code that reads the arguments of a packed call as the types of a plain function, and
// leaves for a given block where one does not fit. For one function at a time.
class ArgumentChecks {
 public:
  // Writes with `builder`, into functions of `module`.
  ArgumentChecks(llvm::Module* module, llvm::IRBuilder<>* builder);

  // Where a failed check goes: `index` and `fault` become the argument's and the KilnPackedFault.
  void FailTo(llvm::BasicBlock* block, llvm::PHINode* index, llvm::PHINode* fault) {
    failed_ = block;
    index_ = index;
    fault_ = fault;
  }

  // Appends the value of argument `index` of `args` to `values`: one, or two of a TVMFFIAny that
  // travels in two registers. `wanted` is the type of the plain function's next parameter. The
  // builder stands where all checks have passed.
  void Read(llvm::Value* args, uint32_t index, const ValueType& type, llvm::Type* wanted,
            std::vector<llvm::Value*>* values);

  // Weights for a branch that is nearly always taken to its first block.
  llvm::MDNode* Likely() const;

 private:
  // Goes on where `passed` holds.
  void Require(llvm::Value* passed, int32_t fault);
  llvm::Value* ReadInteger(const ValueType& type);
  llvm::Value* ReadFloat(llvm::Type* type);
  llvm::Value* ReadText();
  llvm::Value* ReadTensor(const ValueType& type);
  llvm::Value* ReadAnything(const ValueType& type);
  void ReadAny(llvm::Type* wanted, std::vector<llvm::Value*>* values);

  // The DLTensor of a value that may be one: null where it is none.
  llvm::Value* TensorOrNull();
  // Requires what is asked of every tensor whose elements are read, and of those that are written.
  llvm::Value* ElementsOf(llvm::Value* tensor, const ValueType& type);
  void RequireWritable();

  llvm::Value* Load(llvm::Type* type, llvm::Value* base, uint64_t offset);
  llvm::Value* IsKind(int32_t kind);
  // bool (const DLTensor*): whether the elements lie row by row without gaps.
  llvm::Function* IsCompact();

  llvm::Module& module_;
  llvm::IRBuilder<>& builder_;
  llvm::BasicBlock* failed_ = nullptr;
  llvm::PHINode* index_ = nullptr;
  llvm::PHINode* fault_ = nullptr;
  // The argument that is being read.
  uint32_t number_ = 0;
  llvm::Value* any_ = nullptr;
  llvm::Value* kind_ = nullptr;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_ARGUMENT_CHECKS_H_
