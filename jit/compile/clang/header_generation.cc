#include "jit/compile/clang/header_generation.h"

#include <utility>
#include <vector>

#include <clang/Basic/TargetInfo.h>
#include <clang/Basic/TargetOptions.h>

namespace kiln::jit {
namespace {

// Leaves the features of the target out: each compile that uses the headers would read them, and it
// has the same.
class Generator final : public clang::PCHGenerator {
 public:
  using PCHGenerator::PCHGenerator;

  void HandleTranslationUnit(clang::ASTContext& ast) override {
    std::vector<std::string>& features = ast.getTargetInfo().getTargetOpts().FeaturesAsWritten;
    const std::vector<std::string> kept = std::exchange(features, {});
    PCHGenerator::HandleTranslationUnit(ast);
    features = kept;
  }
};

}  // namespace

std::unique_ptr<clang::ASTConsumer> HeaderGeneration::MakeConsumer(clang::CompilerInstance& clang) {
  return std::make_unique<Generator>(clang.getPreprocessor(), clang.getModuleCache(),
                                     /*OutputFile=*/"", /*isysroot=*/"", buffer_,
                                     clang.getFrontendOpts().ModuleFileExtensions);
}

std::string HeaderGeneration::TakeBytes() {
  if (!buffer_->IsComplete) return {};
  return std::string(buffer_->Data.begin(), buffer_->Data.end());
}

}  // namespace kiln::jit
