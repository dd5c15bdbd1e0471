#include "jit/compile/crash_error.h"

#include "jit/artifact/diagnostic.h"

namespace kiln::jit {

kiln::Error CrashErrorOf(const std::string& source, std::string_view compiler, const Crash& crash) {
  Diagnostic diagnostic;
  diagnostic.severity = Severity::kFatal;
  diagnostic.file = source;
  diagnostic.message = std::string(compiler) + " could not go on: " + crash.reason +
                       ". The source asks for what it can't do, or met a fault of its";
  return CompileErrorOf(source, {diagnostic});
}

}  // namespace kiln::jit
