#include "jit/compile/clang/header_generation.h"

namespace kiln::jit {

std::unique_ptr<clang::ASTConsumer> HeaderGeneration::MakeConsumer(clang::CompilerInstance& clang) {
  return std::make_unique<clang::PCHGenerator>(clang.getPreprocessor(), clang.getModuleCache(),
                                               /*OutputFile=*/"", /*isysroot=*/"", buffer_,
                                               clang.getFrontendOpts().ModuleFileExtensions);
}

std::string HeaderGeneration::TakeBytes() {
  if (!buffer_->IsComplete) return {};
  return std::string(buffer_->Data.begin(), buffer_->Data.end());
}

}  // namespace kiln::jit
