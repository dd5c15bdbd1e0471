#ifndef KILN_JIT_COMPILE_LLVM_MODULE_TO_ARTIFACT_H_
#define KILN_JIT_COMPILE_LLVM_MODULE_TO_ARTIFACT_H_

#include <string>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/compile_report.h"
#include "jit/artifact/diagnostic.h"
#include "jit/artifact/source.h"
#include "jit/compile/llvm/host_target.h"

namespace llvm {
class Module;
}  // namespace llvm

namespace kiln::jit {

// The second half of every compile: runs the pipeline that `options` ask for (PipelineOf) over
// `module`, and generates a relocatable ELF object for `target`, whose triple and data
// layout the module has. Adds the phases "optimize" and "codegen" to `report`, and the stages if it
// wants them.
//
// `diagnostics` is what the module's context collects into (CollectDiagnostics). Throws
// CompileError if there is an error among them afterwards; the rest become the artifact's warnings.
Artifact ModuleToArtifact(llvm::Module* module, const Source& source, const TargetSpec& target,
                          const CompileOptions& options, std::vector<std::string> exports,
                          std::vector<Diagnostic>* diagnostics, CompileReport* report);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_MODULE_TO_ARTIFACT_H_
