#ifndef KILN_JIT_COMPILE_LLVM_FATAL_ERRORS_H_
#define KILN_JIT_COMPILE_LLVM_FATAL_ERRORS_H_

#include <string_view>

namespace kiln::jit {

// The name and version of the LLVM that this is built with: "LLVM 19.1.7".
extern const std::string_view kLlvmName;

// Lets errors that LLVM calls fatal, and a lack of memory that it meets, end the guarded work of
// the thread (crash_guard.h) in place of the process. Where a thread runs no guarded work they
// still end the process. Does its work at the first call; any thread may call it.
void SurviveFatalErrors();

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_FATAL_ERRORS_H_
