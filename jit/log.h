#ifndef KILN_JIT_LOG_H_
#define KILN_JIT_LOG_H_

#include <string_view>

namespace kiln::jit {

// Log lines go to stderr. The level comes from the environment variable KILN_LOG, read once: off,
// error, warn (the default), info, debug or trace. Any thread may log.
enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError };

// True if a line of that level is written. Ask before building a costly line.
bool LogEnabled(LogLevel level) noexcept;

// Writes one line. Never throws.
void Log(LogLevel level, std::string_view line) noexcept;

}  // namespace kiln::jit

#endif  // KILN_JIT_LOG_H_
