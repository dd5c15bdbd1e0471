#ifndef KILN_JIT_STATS_H_
#define KILN_JIT_STATS_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace kiln::jit {

// What the engine has done since it was loaded. Any thread may count, and read: the counts are each
// right, and not of one moment.
struct Stats {
  std::atomic<uint64_t> compiles = 0;   // that made an artifact
  std::atomic<uint64_t> failures = 0;   // that ended with an error, but for the next two
  std::atomic<uint64_t> crashes = 0;    // that brought a compiler or the linker down
  std::atomic<uint64_t> cancelled = 0;  // that nobody waited for any longer
  std::atomic<uint64_t> shared = 0;     // that were spared: another thread made the same
  std::atomic<uint64_t> links = 0;      // artifacts that became code in memory
  std::atomic<uint64_t> optimized = 0;  // modules whose functions changed over to better code
  std::atomic<int64_t> live_modules = 0;

  // Adds to the time of a phase, a string literal.
  void AddPhase(std::string_view name, std::chrono::nanoseconds time);
  std::map<std::string, std::chrono::nanoseconds, std::less<>> Phases() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::chrono::nanoseconds, std::less<>> phases_;
};

// Of this process. Never destroyed.
Stats& TheStats();

}  // namespace kiln::jit

#endif  // KILN_JIT_STATS_H_
