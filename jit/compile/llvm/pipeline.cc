#include "jit/compile/llvm/pipeline.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/PassInstrumentation.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/Error.h>
#include <llvm/Target/TargetMachine.h>

#include "jit/compile/llvm/address_sanitizer.h"
#include "jit/threads/cancellation.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

// Without instcombine and indvars, which take as long as all the rest and gain little here.
constexpr char kQuickPasses[] =
    "cgscc(inline),"
    "function(sroa,early-cse,simplifycfg,loop-mssa(loop-rotate,licm),loop-vectorize,early-cse,"
    "simplifycfg),"
    "globaldce";

// In instructions of unoptimised IR: a kernel of thirty lines or so.
constexpr size_t kSmallModule = 400;

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

bool HasCoroutines(const llvm::Module& module) {
  return std::any_of(module.begin(), module.end(), [](const llvm::Function& function) {
    return function.isIntrinsic() && function.getName().starts_with("llvm.coro.");
  });
}

// Whether the module is so small that the code of its level is there a few milliseconds after the
// first: less than it would take to make the first one good.
bool IsSmall(const llvm::Module& module) {
  size_t count = 0;
  for (const llvm::Function& function : module) count += function.getInstructionCount();
  return count <= kSmallModule;
}

llvm::ModulePassManager QuickPasses(llvm::PassBuilder* builder) {
  llvm::ModulePassManager passes;
  if (llvm::Error error = builder->parsePassPipeline(passes, kQuickPasses)) {
    throw kiln::Error("InternalError",
                      "LLVM does not know the quick pipeline: " + llvm::toString(std::move(error)));
  }
  return passes;
}

}  // namespace

Pipeline PipelineOf(const CompileOptions& options) {
  const bool can_be_quick = options.sanitize.empty() && !options.remarks && options.opt_level > 0;
  return options.quick_tier && can_be_quick ? Pipeline::kQuick : Pipeline::kLevel;
}

int CodeGenLevelOf(const CompileOptions& options) {
  return PipelineOf(options) == Pipeline::kQuick ? 0 : options.opt_level;
}

void Optimize(llvm::Module* module, llvm::TargetMachine* machine, const CompileOptions& options) {
  const bool quick = PipelineOf(options) == Pipeline::kQuick && !HasCoroutines(*module);
  const int opt_level = options.opt_level;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = opt_level >= 2;
  tuning.LoopInterleaving = opt_level >= 2;
  tuning.SLPVectorization = opt_level >= 2;
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  // Of a compile that nobody waits for any longer, only what correct code needs is done.
  llvm::PassInstrumentationCallbacks callbacks;
  callbacks.registerShouldRunOptionalPassCallback(
      [](llvm::StringRef, llvm::Any) { return !HeedCancellation::IsCancelled(); });
  llvm::PassBuilder builder(machine, tuning, /*PGOOpt=*/std::nullopt, &callbacks);
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
  const bool does_least = opt_level == 0 || (quick && IsSmall(*module));
  llvm::ModulePassManager passes = quick && !does_least ? QuickPasses(&builder)
                                   : does_least
                                       ? builder.buildO0DefaultPipeline(kLevels[0])
                                       : builder.buildPerModuleDefaultPipeline(kLevels[opt_level]);
  passes.run(*module, modules);
}

}  // namespace kiln::jit
