#ifndef KILN_JIT_TRACE_H_
#define KILN_JIT_TRACE_H_

#include <chrono>
#include <string>
#include <string_view>

namespace kiln::jit {

// What the engine does, as a file for chrome://tracing and Perfetto: the environment variable
// KILN_TRACE names it, read once. It is written anew, event by event, so that it is whole as far as
// it goes whatever becomes of the process; worker processes add theirs. Any thread may trace.
bool TraceEnabled() noexcept;

// Adds to what the file has, where it would be written anew: for worker processes. To be called
// before anything is traced.
void AppendToTrace() noexcept;

// Notes that this thread did `name` for `time`, beginning at `start`. `detail` says of what. Never
// throws.
void TraceSpan(std::string_view name, std::string_view detail,
               std::chrono::steady_clock::time_point start, std::chrono::nanoseconds time) noexcept;

// Notes its own life, where tracing is on.
class TraceScope {
 public:
  TraceScope(std::string_view name, std::string_view detail) : name_(name) {
    if (TraceEnabled()) detail_ = detail;
  }
  ~TraceScope() {
    if (TraceEnabled()) {
      TraceSpan(name_, detail_, start_, std::chrono::steady_clock::now() - start_);
    }
  }
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  std::string_view name_;  // a string literal
  std::string detail_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace kiln::jit

#endif  // KILN_JIT_TRACE_H_
