#ifndef KILN_JIT_COMPILE_COMPILE_SAFELY_H_
#define KILN_JIT_COMPILE_COMPILE_SAFELY_H_

#include <string_view>

#include "jit/compile/compiler.h"
#include "kiln/error.h"

namespace kiln::jit {

// compiler.Compile, on this thread, which had best be a compile thread (compile_threads.h). A crash
// of the compiler, and what LLVM calls a fatal error, are CompileErrors with one diagnostic that
// says what happened; the process goes on. A compile that is cancelled (cancellation.h) throws
// CancelledError.
Artifact CompileSafely(const Compiler& compiler, const Source& source,
                       const CompileOptions& options, CompileReport* report);

// The error of a compile of `what` that ends because nobody waits for it any longer.
kiln::Error CancelledErrorOf(std::string_view what);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_COMPILE_SAFELY_H_
