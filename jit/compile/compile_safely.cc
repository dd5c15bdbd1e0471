#include "jit/compile/compile_safely.h"

#include <optional>
#include <string>

#include "jit/compile/crash_error.h"
#include "jit/compile/llvm/fatal_errors.h"
#include "jit/stats.h"
#include "jit/threads/cancellation.h"

namespace kiln::jit {

Artifact CompileSafely(const Compiler& compiler, const Source& source,
                       const CompileOptions& options, CompileReport* report) {
  SurviveFatalErrors();
  if (HeedCancellation::IsCancelled()) throw CancelledErrorOf(source.name);
  Artifact artifact;
  const std::optional<Crash> crash =
      RunGuarded([&] { artifact = compiler.Compile(source, options, report); });
  if (HeedCancellation::IsCancelled()) throw CancelledErrorOf(source.name);
  if (crash) ++TheStats().crashes;
  if (crash) throw CrashErrorOf(source.name, kLlvmName, *crash);
  return artifact;
}

kiln::Error CancelledErrorOf(std::string_view what) {
  return kiln::Error("CancelledError", "the compile of '" + std::string(what) + "' was cancelled");
}

}  // namespace kiln::jit
