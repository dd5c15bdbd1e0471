#ifndef KILN_JIT_COMPILE_CRASH_ERROR_H_
#define KILN_JIT_COMPILE_CRASH_ERROR_H_

#include <string>
#include <string_view>

#include "jit/threads/crash_guard.h"
#include "kiln/error.h"

namespace kiln::jit {

// The CompileError for `crash`, while `compiler` ("LLVM 19.1.7") compiled the source of that name.
kiln::Error CrashErrorOf(const std::string& source, std::string_view compiler, const Crash& crash);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CRASH_ERROR_H_
