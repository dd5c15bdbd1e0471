#ifndef KILN_JIT_LINK_PROFILER_H_
#define KILN_JIT_LINK_PROFILER_H_

#include <string_view>

#include "jit/link/image_symbols.h"

namespace kiln::jit {

// Tells perf the names of compiled functions, as the environment variable KILN_PERF says when the
// first image is linked:
//
//   map      a line for each function in /tmp/perf-<process>.map, which `perf report` reads:
//   hexadecimal
//            start and size, and the name. Where code is unloaded and other code takes its place,
//            the later line is the right one.
//   jitdump  jit-<process>.dump, in the folder that JITDUMPDIR names or else in /tmp, which has the
//            code too. `perf record -k 1` sees the file, and `perf inject --jit` makes perf's data
//            of both.
//
// Neither costs anything where the variable is not set. Where a file can't be written, the log says
// so once. A child of fork writes files of its own.

// `code` is that of an image whose symbols are `symbols`.
void ReportToPerf(std::string_view code, const ImageSymbols& symbols) noexcept;

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_PROFILER_H_
