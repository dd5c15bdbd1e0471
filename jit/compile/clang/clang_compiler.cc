#include <string>
#include <utility>
#include <vector>

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "jit/compile/clang/frontend.h"
#include "jit/compile/compiler.h"
#include "jit/compile/llvm/diagnostics.h"
#include "jit/compile/llvm/module_to_artifact.h"

namespace kiln::jit {
namespace {

constexpr Language kLanguages[] = {Language::kC, Language::kCxx};

class ClangCompiler final : public Compiler {
 public:
  std::span<const Language> languages() const override { return kLanguages; }

  Artifact Compile(const Source& source, const CompileOptions& options,
                   CompileReport* report) const override {
    const TargetSpec target = ResolveTarget(options);

    std::vector<Diagnostic> diagnostics;
    Frontend frontend(source, options, target, &diagnostics);
    llvm::LLVMContext context;
    context.setDiscardValueNames(true);
    CollectDiagnostics(
        &context, source, options.remarks, &diagnostics,
        [&](uint64_t srcloc, Diagnostic* diagnostic) { frontend.LocateAsm(srcloc, diagnostic); });
    const std::unique_ptr<llvm::Module> module = frontend.Run(&context, report);
    if (module == nullptr) throw CompileErrorOf(source.name, diagnostics);
    frontend.AddWrappers(module.get());

    Artifact artifact = ModuleToArtifact(module.get(), source, target, options, frontend.exports(),
                                         &diagnostics, report);
    artifact.headers = frontend.headers();
    return artifact;
  }
};

}  // namespace

std::unique_ptr<Compiler> MakeClangCompiler() { return std::make_unique<ClangCompiler>(); }

}  // namespace kiln::jit
