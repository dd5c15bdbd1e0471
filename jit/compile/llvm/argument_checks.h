#ifndef KILN_JIT_COMPILE_LLVM_ARGUMENT_CHECKS_H_
#define KILN_JIT_COMPILE_LLVM_ARGUMENT_CHECKS_H_

#include <cstdint>
#include <vector>

#include <llvm/IR/IRBuilder.h>

#include <tvm/ffi/c_api.h>

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

  // Asks for tensors in the memory of one GPU, where those of CPU memory are asked for else. The
  // builder stands in the entry block; what it adds holds, once the arguments are read, the first
  // tensor (DLTensor*, null where there is none).
  void WantGpuTensors();
  llvm::Value* FirstTensor();
  // Its GPU, and how many elements it has; -1 and 0 where there is none.
  llvm::Value* FirstGpu();
  llvm::Value* FirstSize();

  // Takes tensors in the memory of a GPU beside those of CPU memory.
  void TakeGpuTensors() { taken_devices_ |= kGpuDevices; }

  // Appends the value of argument `index` of `args` to `values`: one, or two of a TVMFFIAny that
  // travels in two registers. `wanted` is the type of the plain function's next parameter. The
  // builder stands where all checks have passed.
  void Read(llvm::Value* args, uint32_t index, const ValueType& type, llvm::Type* wanted,
            std::vector<llvm::Value*>* values);

  // Weights for a branch that is nearly always taken to its first block.
  llvm::MDNode* Likely() const;

 private:
  // Sets of device types. Of the first, the CPU reads and writes the memory.
  static constexpr uint32_t kCpuDevices =
      1U << kDLCPU | 1U << kDLCUDAHost | 1U << kDLROCMHost | 1U << kDLCUDAManaged;
  static constexpr uint32_t kGpuDevices = 1U << kDLCUDA;

  // Goes on where `passed` holds.
  void Require(llvm::Value* passed, int32_t fault);
  // Leaves in any case.
  void Fail(int32_t fault);
  void AddFailure(int32_t fault);
  llvm::Value* ReadInteger(const ValueType& type);
  // Takes the 64 bits of an int, as the ABI's int is signed, and a big int that fits.
  llvm::Value* ReadUnsigned64();
  llvm::Value* ReadFloat(llvm::Type* type);
  llvm::Value* ReadText();
  llvm::Value* ReadTensor(const ValueType& type);
  llvm::Value* ReadAnything(const ValueType& type);
  void ReadAny(llvm::Type* wanted, std::vector<llvm::Value*>* values);

  // The DLTensor of a value that is one; leaves for `none` where it is none. `deleter_` is read
  // unless the elements are const.
  llvm::Value* TensorOr(llvm::BasicBlock* none, bool is_const);
  // Requires what is asked of every tensor whose elements are read, and of those that are written.
  llvm::Value* ElementsOf(llvm::Value* tensor, const ValueType& type);
  void RequireWritable();
  // That the elements lie row by row without gaps.
  void RequireCompact(llvm::Value* tensor);
  void RequireMemory(llvm::Value* tensor);
  void RequireTakenMemory(llvm::Value* tensor);
  void RequireMemoryOfOneGpu(llvm::Value* tensor);

  llvm::BasicBlock* Block(const char* name);
  llvm::Value* Load(llvm::Type* type, llvm::Value* base, uint64_t offset);
  llvm::Value* IsKind(int32_t kind);
  // int64_t (const DLTensor*): the number of elements, 0 for null.
  llvm::Function* ElementCount();

  llvm::Module& module_;
  llvm::IRBuilder<>& builder_;
  llvm::BasicBlock* failed_ = nullptr;
  llvm::PHINode* index_ = nullptr;
  llvm::PHINode* fault_ = nullptr;
  uint32_t taken_devices_ = kCpuDevices;
  llvm::Value* first_tensor_ = nullptr;  // a variable, where GPU tensors are wanted
  // The argument that is being read.
  uint32_t number_ = 0;
  llvm::Value* any_ = nullptr;
  llvm::Value* kind_ = nullptr;
  llvm::Value* deleter_ = nullptr;  // of the Tensor to be written; null where it is no object
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_ARGUMENT_CHECKS_H_
