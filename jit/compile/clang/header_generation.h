#ifndef KILN_JIT_COMPILE_CLANG_HEADER_GENERATION_H_
#define KILN_JIT_COMPILE_CLANG_HEADER_GENERATION_H_

#include <memory>
#include <string>

#include <clang/Frontend/FrontendAction.h>
#include <clang/Serialization/ASTWriter.h>

namespace kiln::jit {

// The front end's action that turns headers into their precompiled form, in memory.
class HeaderGeneration final : public clang::ASTFrontendAction {
 public:
  // The precompiled form; empty where the run failed.
  std::string TakeBytes();

 private:
  bool BeginSourceFileAction(clang::CompilerInstance& clang) override;
  clang::TranslationUnitKind getTranslationUnitKind() override { return clang::TU_Prefix; }
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& clang,
                                                        llvm::StringRef file) override;

  std::shared_ptr<clang::PCHBuffer> buffer_ = std::make_shared<clang::PCHBuffer>();
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_HEADER_GENERATION_H_
