#include "jit/compile/llvm/module_to_artifact.h"

#include <algorithm>

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "jit/compile/llvm/address_sanitizer.h"
#include "jit/compile/llvm/object_emitter.h"
#include "jit/compile/llvm/shared_variables.h"
#include "jit/compile/llvm/target_machine.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr char kVectorLibrary[] = "libmvec.so.1";
constexpr char kOpenMpLibrary[] = "libomp.so.5";

// What the optimiser and the code generator may take for granted of the C library.
llvm::TargetLibraryInfoImpl LibraryInfo(const llvm::TargetMachine& machine,
                                        const CompileOptions& options) {
  llvm::TargetLibraryInfoImpl info(machine.getTargetTriple());
  if (options.veclib == "libmvec") {
    info.addVectorizableFunctionsFromVecLib(llvm::TargetLibraryInfoImpl::LIBMVEC_X86,
                                            machine.getTargetTriple());
  }
  return info;
}

void Optimize(llvm::Module* module, llvm::TargetMachine* machine, const CompileOptions& options) {
  const int opt_level = options.opt_level;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = opt_level >= 2;
  tuning.LoopInterleaving = opt_level >= 2;
  tuning.SLPVectorization = opt_level >= 2;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(machine, tuning);
  // Registered first, it takes the place of the builder's own.
  functions.registerPass(
      [info = LibraryInfo(*machine, options)] { return llvm::TargetLibraryAnalysis(info); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  const std::vector<std::string>& checks = options.sanitize;
  if (std::find(checks.begin(), checks.end(), "address") != checks.end()) {
    AddAddressSanitizer(&builder);
  }

  const llvm::OptimizationLevel kLevels[] = {
      llvm::OptimizationLevel::O0, llvm::OptimizationLevel::O1, llvm::OptimizationLevel::O2,
      llvm::OptimizationLevel::O3};
  llvm::ModulePassManager passes = opt_level == 0
                                       ? builder.buildO0DefaultPipeline(kLevels[0])
                                       : builder.buildPerModuleDefaultPipeline(kLevels[opt_level]);
  passes.run(*module, modules);
}

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
  TargetMachineLease machine(target, options.opt_level);
  if (report->stages) report->stages->ir = TextOf(*module);
  {
    const PhaseTimer timer(&report->times, "optimize");
    Optimize(module, &*machine, options);
  }
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
