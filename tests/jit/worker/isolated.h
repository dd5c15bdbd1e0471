// Compiles in a worker process.
#ifndef KILN_TESTS_JIT_WORKER_ISOLATED_H_
#define KILN_TESTS_JIT_WORKER_ISOLATED_H_

#include <string>
#include <string_view>
#include <utility>

#include "kiln/jit.h"
#include "tests/jit/error_of.h"

namespace kiln::testing {

inline jit::CompileOptions Isolated(jit::CompileOptions options = {}) {
  options.more.emplace_back("isolate", "process");
  return options;
}

// A plain kernel, and what it gives where it was compiled in a worker.
inline int64_t AnswerOfGoodCode() {
  const Module module = jit::Compile("long answer(void) { return 42; }",
                                     Isolated({.name = "good.c", .exports = {"answer"}}));
  return module.GetFunction("answer")().cast<int64_t>();
}

// LLVM works on this one for longer than anyone waits.
inline constexpr const char* kEndlessIr = R"(
define i65536 @f(i65536 %a, i65536 %b) {
  %c = sdiv i65536 %a, %b
  ret i65536 %c
}
)";

inline std::string CompileError(std::string_view source, jit::CompileOptions options) {
  return ErrorOf([&] { jit::Compile(source, Isolated(std::move(options))); });
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_JIT_WORKER_ISOLATED_H_
