#ifndef KILN_JIT_ARTIFACT_COMPILE_REPORT_H_
#define KILN_JIT_ARTIFACT_COMPILE_REPORT_H_

#include <optional>
#include <string>

#include "jit/artifact/phase_times.h"

namespace kiln::jit {

// The stages of a compile as text: LLVM IR as the front end made it, LLVM IR after the optimiser,
// and assembly. Empty where a language has no such stage.
struct StageTexts {
  std::string ir;
  std::string optimized_ir;
  std::string assembly;
};

// What a compile tells beside its artifact. `stages` is filled where it holds a value beforehand:
// to write them takes time.
struct CompileReport {
  PhaseTimes times;
  std::optional<StageTexts> stages;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_COMPILE_REPORT_H_
