#include "jit/compile/clang/ir_generation.h"

#include <algorithm>
#include <utility>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclGroup.h>
#include <clang/AST/GlobalDecl.h>
#include <clang/Basic/SourceManager.h>
#include <clang/CodeGen/BackendUtil.h>
#include <clang/CodeGen/ModuleBuilder.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/MultiplexConsumer.h>
#include <llvm/IR/GlobalValue.h>

#include "jit/artifact/artifact.h"
#include "jit/compile/clang/exported_functions.h"
#include "jit/compile/llvm/exports.h"
#include "jit/threads/cancellation.h"

// The code generator calls this to embed device images that its options name, which Kiln's never
// do. Defined here, it keeps Clang's own definition out of the library, and with that Clang's
// backend, LLVM's link-time optimiser and Polly.
void clang::EmbedObject(llvm::Module*, const CodeGenOptions&, DiagnosticsEngine&) {}

namespace kiln::jit {

// Passes everything on to Clang's code generator, and takes the time of it.
class IrGeneration::Consumer final : public clang::ASTConsumer {
 public:
  Consumer(IrGeneration* action, std::unique_ptr<clang::CodeGenerator> generator)
      : action_(action), generator_(std::move(generator)) {}

  void Initialize(clang::ASTContext& ast) override {
    const Timer timer(action_);
    generator_->Initialize(ast);
  }
  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    const Timer timer(action_);
    // False ends the parse.
    return generator_->HandleTopLevelDecl(group) && !HeedCancellation::IsCancelled();
  }
  void HandleInlineFunctionDefinition(clang::FunctionDecl* function) override {
    const Timer timer(action_);
    generator_->HandleInlineFunctionDefinition(function);
  }
  void HandleTagDeclDefinition(clang::TagDecl* tag) override {
    const Timer timer(action_);
    generator_->HandleTagDeclDefinition(tag);
  }
  void HandleTagDeclRequiredDefinition(const clang::TagDecl* tag) override {
    const Timer timer(action_);
    generator_->HandleTagDeclRequiredDefinition(tag);
  }
  void HandleCXXStaticMemberVarInstantiation(clang::VarDecl* variable) override {
    const Timer timer(action_);
    generator_->HandleCXXStaticMemberVarInstantiation(variable);
  }
  void HandleVTable(clang::CXXRecordDecl* record) override {
    const Timer timer(action_);
    generator_->HandleVTable(record);
  }
  void CompleteTentativeDefinition(clang::VarDecl* variable) override {
    const Timer timer(action_);
    generator_->CompleteTentativeDefinition(variable);
  }
  void CompleteExternalDeclaration(clang::DeclaratorDecl* declaration) override {
    const Timer timer(action_);
    generator_->CompleteExternalDeclaration(declaration);
  }
  void HandleTranslationUnit(clang::ASTContext& ast) override {
    const Timer timer(action_);
    if (!action_->plain_exports_.empty() && !ast.getDiagnostics().hasErrorOccurred()) {
      FindPlainExports(&ast);
    }
    generator_->HandleTranslationUnit(ast);
    if (generator_->GetModule() == nullptr) return;
    action_->exports_ = ExportsInSourceOrder(ast.getSourceManager());
    if (action_->host_only_ != nullptr) {
      action_->device_symbols_ = DeviceSymbolsOf(
          *generator_->GetModule(), ast,
          [this](llvm::StringRef symbol) { return generator_->GetDeclForMangledName(symbol); });
    }
    action_->module_.reset(generator_->ReleaseModule());
  }

 private:
  // Adds its life to the time of the generation. Of nested ones only the outermost counts.
  class Timer {
   public:
    explicit Timer(IrGeneration* action) : action_(action), outermost_(!action->in_generation_) {
      action_->in_generation_ = true;
    }
    ~Timer() {
      if (!outermost_) return;
      action_->in_generation_ = false;
      action_->time_ += std::chrono::steady_clock::now() - start_;
    }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

   private:
    IrGeneration* action_;
    bool outermost_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  };

  // Finds the plain exports, and has code generated for them even where nothing else uses them.
  void FindPlainExports(clang::ASTContext* ast) {
    const ExportFinder finder(ast, action_->plain_exports_);
    for (const ExportedFunction& function : finder.functions()) {
      Signature signature = finder.SignatureOf(function);
      const bool is_kernel = function.declaration->hasAttr<clang::CUDAGlobalAttr>();
      const clang::GlobalDecl global =
          is_kernel ? clang::GlobalDecl(function.declaration, clang::KernelReferenceKind::Stub)
                    : clang::GlobalDecl(function.declaration);
      const llvm::Constant* const address =
          generator_->GetAddrOfGlobal(global, /*isForDefinition=*/false);
      signature.symbol = llvm::cast<llvm::GlobalValue>(address->stripPointerCasts())->getName();
      action_->signatures_.push_back(std::move(signature));
    }
    action_->missing_ = finder.missing();
    if (!action_->missing_.empty()) action_->defined_ = finder.DefinedNames();
  }

  // A function that is used before its definition stands too early in the module.
  std::vector<std::string> ExportsInSourceOrder(const clang::SourceManager& sources) {
    std::vector<std::pair<clang::SourceLocation, std::string>> placed;
    for (std::string& name : ExportsOf(*generator_->GetModule())) {
      const clang::Decl* declaration =
          generator_->GetDeclForMangledName(std::string(kExportPrefix) + name);
      placed.emplace_back(declaration ? declaration->getLocation() : clang::SourceLocation(),
                          std::move(name));
    }
    std::sort(placed.begin(), placed.end(), [&](const auto& a, const auto& b) {
      if (a.first == b.first) return a.second < b.second;
      if (a.first.isInvalid() || b.first.isInvalid()) return b.first.isInvalid();
      return sources.isBeforeInTranslationUnit(a.first, b.first);
    });
    std::vector<std::string> exports;
    exports.reserve(placed.size());
    for (auto& [location, name] : placed) exports.push_back(std::move(name));
    return exports;
  }

  IrGeneration* action_;
  std::unique_ptr<clang::CodeGenerator> generator_;
};

std::unique_ptr<clang::ASTConsumer> IrGeneration::MakeConsumer(clang::CompilerInstance& clang,
                                                               llvm::StringRef file) {
  std::unique_ptr<clang::CodeGenerator> generator(clang::CreateLLVMCodeGen(
      clang.getDiagnostics(), file, &clang.getVirtualFileSystem(), clang.getHeaderSearchOpts(),
      clang.getPreprocessorOpts(), clang.getCodeGenOpts(), *context_));
  auto consumer = std::make_unique<Consumer>(this, std::move(generator));
  if (host_only_ == nullptr) return consumer;
  std::vector<std::unique_ptr<clang::ASTConsumer>> both;
  both.push_back(host_only_->Watch(&clang));
  both.push_back(std::move(consumer));
  return std::make_unique<clang::MultiplexConsumer>(std::move(both));
}

}  // namespace kiln::jit
