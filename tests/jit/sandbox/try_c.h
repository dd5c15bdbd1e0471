// C that is compiled and run in a sandbox.
#ifndef KILN_TESTS_JIT_SANDBOX_TRY_C_H_
#define KILN_TESTS_JIT_SANDBOX_TRY_C_H_

#include <string>
#include <utility>
#include <vector>

#include "kiln/kiln.h"
#include "kiln/try_run.h"

namespace kiln::testing {

// Runs `f` of the source. It has a minute, as machines may be busy, unless `more` says otherwise.
inline jit::TryRunResult TryC(std::string_view source, const std::vector<AnyView>& args = {},
                              std::vector<std::pair<std::string, Any>> more = {}) {
  more.emplace(more.begin(), "timeout_ms", 60'000);
  return jit::TryRun(source, "f", args, {.name = "k.c", .opt_level = 0, .more = std::move(more)});
}

inline std::string MessageOf(const jit::TryRunResult& tried) {
  return tried.error ? std::string(tried.error->message()) : "";
}

inline bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_JIT_SANDBOX_TRY_C_H_
