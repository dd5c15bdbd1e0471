#ifndef KILN_TESTS_FUZZ_JIT_PROCESS_STATE_H_
#define KILN_TESTS_FUZZ_JIT_PROCESS_STATE_H_

#include <csignal>
#include <cstddef>
#include <string>

namespace kiln::fuzz {

// What compiles must leave as it was.
struct ProcessState {
  size_t descriptors = 0;
  size_t threads = 0;
  size_t resident_mb = 0;
  void (*segv_handler)(int) = SIG_DFL;
  void (*abort_handler)(int) = SIG_DFL;

  // Of this process, as it is.
  static ProcessState Here();
};

// Why `now`, after `crashes` that were survived, can't follow `before`; "" where it can. What a
// compile held when it crashed is never given back.
std::string LeakBetween(const ProcessState& before, const ProcessState& now, size_t crashes);

}  // namespace kiln::fuzz

#endif  // KILN_TESTS_FUZZ_JIT_PROCESS_STATE_H_
