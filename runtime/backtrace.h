// Where the calling thread is, as text.
//
// One line a frame, most recent call first: `  File "<object file>", line 0, in <function>`. The
// line number is always 0: nothing here reads debug information. Functions without a name are given
// by their address.
#ifndef KILN_RUNTIME_BACKTRACE_H_
#define KILN_RUNTIME_BACKTRACE_H_

#include <string>

namespace kiln::runtime {

// The frames above this library's own, at most 64. Ends where the call came through this library,
// unless `cross_ffi_boundary`. Throws std::bad_alloc.
std::string CaptureBacktrace(bool cross_ffi_boundary);

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_BACKTRACE_H_
