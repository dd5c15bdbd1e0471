#include "jit/compile/llvm/module_to_artifact.h"

#include <llvm/IR/Module.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "jit/compile/compile_safely.h"
#include "jit/compile/llvm/object_emitter.h"
#include "jit/compile/llvm/pipeline.h"
#include "jit/compile/llvm/shared_variables.h"
#include "jit/compile/llvm/target_machine.h"
#include "jit/threads/cancellation.h"

namespace kiln::jit {
namespace {

constexpr char kVectorLibrary[] = "libmvec.so.1";
constexpr char kOpenMpLibrary[] = "libomp.so.5";

std::string TextOf(const llvm::Module& module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream, /*AAW=*/nullptr);
  return text;
}

}  // namespace

Artifact ModuleToArtifact(llvm::Module* module, const Source& source, const TargetSpec& target,
                          const CompileOptions& options, std::vector<std::string> exports,
                          std::vector<Diagnostic>* diagnostics, CompileReport* report) {
  if (options.share_variables) ShareVariables(module, source.name);
  TargetMachineLease machine(target, CodeGenLevelOf(options));
  if (report->stages) report->stages->ir = TextOf(*module);
  {
    const PhaseTimer timer(&report->times, "optimize");
    Optimize(module, &*machine, options);
  }
  if (HeedCancellation::IsCancelled()) throw CancelledErrorOf(source.name);
  if (report->stages) {
    report->stages->optimized_ir = TextOf(*module);
    report->stages->assembly = ObjectEmitter(&*machine, llvm::CodeGenFileType::AssemblyFile)
                                   .Emit(llvm::CloneModule(*module).get());
  }
  Artifact artifact;
  {
    const PhaseTimer timer(&report->times, "codegen");
    artifact.objects.push_back(machine.EmitObject(module));
  }
  if (HasError(*diagnostics)) {
    machine.Discard();
    throw CompileErrorOf(source.name, *diagnostics);
  }
  artifact.name = source.name;
  artifact.language = source.language;
  artifact.triple = target.triple;
  artifact.cpu = target.cpu;
  artifact.features = target.features;
  artifact.exports = std::move(exports);
  if (options.veclib == "libmvec") artifact.libraries.emplace_back(kVectorLibrary);
  if (options.openmp) artifact.libraries.emplace_back(kOpenMpLibrary);
  artifact.warnings = std::move(*diagnostics);
  return artifact;
}

}  // namespace kiln::jit
