// Where the calling thread is, as text.
//
// One line a frame, most recent call first: `  File "<source file>", line <n>, in <function>`, and
// one more for each function that the compiler has inlined into it. Where there is no debug
// information the file is the object file and the line number 0; functions without a name are given
// by their address. For code that the engine compiled in memory, the global function
// `kiln.jit.describe_address`, where it is registered, gives the function and the name of the
// source.
#ifndef KILN_RUNTIME_BACKTRACE_H_
#define KILN_RUNTIME_BACKTRACE_H_

#include <string>

namespace kiln::runtime {

// The frames above this library's own, at most 64. Ends where the call came through this library,
// unless `cross_ffi_boundary`. Throws std::bad_alloc.
std::string CaptureBacktrace(bool cross_ffi_boundary);

// To be called before a library is closed: other code may come to lie at its addresses.
void ForgetBacktraceLines() noexcept;

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_BACKTRACE_H_
