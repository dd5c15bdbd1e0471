#ifndef KILN_JIT_COMPILE_LLVM_PIPELINE_H_
#define KILN_JIT_COMPILE_LLVM_PIPELINE_H_

#include "jit/artifact/compile_options.h"

namespace llvm {
class Module;
class TargetMachine;
}  // namespace llvm

namespace kiln::jit {

// How a module becomes code.
enum class Pipeline {
  kLevel,  // LLVM's standard pipeline of the level, and the code generator at that level
  // A few passes that inline and vectorise, and the code generator that is quick: for a first
  // version of the code, which runs until a better one is there. Of a small module, whose better
  // code is there soon, it does even less: what level 0 does. The results are those of every other
  // pipeline, to the bit.
  kQuick,
};

// The pipeline that `options` ask for. kLevel where they ask for the quick one together with what
// that does not do: sanitizers, remarks, or a level of 0, which is quick already.
Pipeline PipelineOf(const CompileOptions& options);

// The level of the code generator, 0 to 3.
int CodeGenLevelOf(const CompileOptions& options);

// Runs the pipeline's optimiser over `module`. A module with coroutines, which only the standard
// pipelines can split, is optimised by that of its level whatever is asked for.
void Optimize(llvm::Module* module, llvm::TargetMachine* machine, const CompileOptions& options);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_PIPELINE_H_
