#include "jit/compile/clang/header_generation.h"

#include <clang/Frontend/CompilerInstance.h>

namespace kiln::jit {

bool HeaderGeneration::BeginSourceFileAction(clang::CompilerInstance& clang) {
  clang.getLangOpts().CompilingPCH = true;
  return true;
}

std::unique_ptr<clang::ASTConsumer> HeaderGeneration::CreateASTConsumer(
    clang::CompilerInstance& clang, llvm::StringRef) {
  return std::make_unique<clang::PCHGenerator>(clang.getPreprocessor(), clang.getModuleCache(),
                                               /*OutputFile=*/"", /*isysroot=*/"", buffer_,
                                               clang.getFrontendOpts().ModuleFileExtensions);
}

std::string HeaderGeneration::TakeBytes() {
  if (!buffer_->IsComplete) return {};
  return std::string(buffer_->Data.begin(), buffer_->Data.end());
}

}  // namespace kiln::jit
