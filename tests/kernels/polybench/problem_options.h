#ifndef KILN_TESTS_KERNELS_POLYBENCH_PROBLEM_OPTIONS_H_
#define KILN_TESTS_KERNELS_POLYBENCH_PROBLEM_OPTIONS_H_

#include "kiln/jit.h"
#include "kiln/map.h"
#include "tests/kernels/polybench/problems.h"

namespace kiln::testing {

// What SourceOf(problem) needs to compile, with the kernel as export; the language is C unless it
// is changed.
inline jit::CompileOptions OptionsOf(const Problem& problem, int opt_level) {
  return {.language = "c",
          .name = problem.file(),
          .opt_level = opt_level,
          .exports = {problem.name},
          .more = {{"headers", Map<String, String>{{"polybench.h", HeaderText()}}}}};
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_KERNELS_POLYBENCH_PROBLEM_OPTIONS_H_
