#ifndef KILN_JIT_COMPILE_CLANG_IR_GENERATION_H_
#define KILN_JIT_COMPILE_CLANG_IR_GENERATION_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "jit/artifact/signature.h"
#include "jit/compile/clang/device_symbols.h"
#include "jit/compile/clang/host_only_code.h"

namespace kiln::jit {

// Generates IR for what is parsed, on the way. Clang's own EmitLLVMOnlyAction does the same, but is
// bound to the whole backend.
class IrGeneration {
 public:
  // `plain_exports` are the names of plain functions to export (CompileOptions::exports). For CUDA,
  // `host_only` watches the parse; else it is null. All arguments must outlive the consumer,
  // and `context` the module.
  IrGeneration(llvm::LLVMContext* context, const std::vector<std::string>& plain_exports,
               HostOnlyCode* host_only)
      : context_(context), plain_exports_(plain_exports), host_only_(host_only) {}

  // What the parse of `file` by `clang`, which has a preprocessor and an AST, is to be given to.
  // Must not outlive this.
  std::unique_ptr<clang::ASTConsumer> MakeConsumer(clang::CompilerInstance& clang,
                                                   llvm::StringRef file);

  std::unique_ptr<llvm::Module> TakeModule() { return std::move(module_); }
  // The packed functions that the source defines, and the plain ones that are to be exported. Both
  // in source order.
  std::vector<std::string> TakeExports() { return std::move(exports_); }
  std::vector<Signature> TakePlainExports() { return std::move(signatures_); }
  // The kernels and variables of the device that the module registers.
  std::vector<DeviceSymbol> TakeDeviceSymbols() { return std::move(device_symbols_); }
  // The plain exports that the source does not define; where there are any, the functions that it
  // does.
  std::vector<std::string> TakeMissing() { return std::move(missing_); }
  std::vector<std::string> TakeDefined() { return std::move(defined_); }

  // The time that was spent on generating IR, as against parsing.
  std::chrono::nanoseconds time() const { return time_; }

 private:
  class Consumer;

  llvm::LLVMContext* context_;
  const std::vector<std::string>& plain_exports_;
  HostOnlyCode* host_only_;
  std::unique_ptr<llvm::Module> module_;
  std::vector<DeviceSymbol> device_symbols_;
  std::vector<std::string> exports_;
  std::vector<Signature> signatures_;
  std::vector<std::string> missing_;
  std::vector<std::string> defined_;
  std::chrono::nanoseconds time_{0};
  bool in_generation_ = false;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_IR_GENERATION_H_
