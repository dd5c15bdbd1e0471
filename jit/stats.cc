#include "jit/stats.h"

namespace kiln::jit {

void Stats::AddPhase(std::string_view name, std::chrono::nanoseconds time) {
  const std::lock_guard lock(mutex_);
  const auto found = phases_.find(name);
  if (found == phases_.end()) {
    phases_.emplace(name, time);
  } else {
    found->second += time;
  }
}

std::map<std::string, std::chrono::nanoseconds, std::less<>> Stats::Phases() const {
  const std::lock_guard lock(mutex_);
  return phases_;
}

Stats& TheStats() {
  static auto* const stats = new Stats;
  return *stats;
}

}  // namespace kiln::jit
