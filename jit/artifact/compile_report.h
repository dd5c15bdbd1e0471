#ifndef KILN_JIT_ARTIFACT_COMPILE_REPORT_H_
#define KILN_JIT_ARTIFACT_COMPILE_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "jit/artifact/phase_times.h"

namespace kiln::jit {

// The stages of a compile as text: LLVM IR as the front end made it, LLVM IR after the optimiser,
// assembly, and PTX of device code. Empty where a language has no such stage.
struct StageTexts {
  std::string ir;
  std::string optimized_ir;
  std::string assembly;
  std::string ptx;
};

// What a compile tells beside its artifact.
struct CompileReport {
  PhaseTimes times;
  // Filled where it holds a value beforehand: to write the stages takes time.
  std::optional<StageTexts> stages;
  // The plain functions that the options ask to export and the source does not define; where there
  // are any, all functions that it does.
  std::vector<std::string> missing_exports;
  std::vector<std::string> defined_functions;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_COMPILE_REPORT_H_
