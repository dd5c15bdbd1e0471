#ifndef KILN_JIT_COMPILE_CLANG_IR_GENERATION_H_
#define KILN_JIT_COMPILE_CLANG_IR_GENERATION_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <clang/Frontend/FrontendAction.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

namespace kiln::jit {

// The front end's action: parses, and generates IR on the way. Clang's own EmitLLVMOnlyAction does
// the same, but is bound to the whole backend.
class IrGeneration final : public clang::ASTFrontendAction {
 public:
  // `context` must outlive the module.
  explicit IrGeneration(llvm::LLVMContext* context) : context_(context) {}

  std::unique_ptr<llvm::Module> TakeModule() { return std::move(module_); }
  std::vector<std::string> TakeExports() { return std::move(exports_); }

  // The time that was spent on generating IR, as against parsing.
  std::chrono::nanoseconds time() const { return time_; }

 private:
  class Consumer;

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& clang,
                                                        llvm::StringRef file) override;

  llvm::LLVMContext* context_;
  std::unique_ptr<llvm::Module> module_;
  std::vector<std::string> exports_;
  std::chrono::nanoseconds time_{0};
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_IR_GENERATION_H_
