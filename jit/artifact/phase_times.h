#ifndef KILN_JIT_ARTIFACT_PHASE_TIMES_H_
#define KILN_JIT_ARTIFACT_PHASE_TIMES_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "jit/trace.h"

namespace kiln::jit {

// How long each phase of one piece of work took, in the order in which the phases ran.
// Not for use by several threads at once.
class PhaseTimes {
 public:
  struct Phase {
    std::string_view name;  // a string literal
    std::chrono::nanoseconds time;
  };

  void Add(std::string_view name, std::chrono::nanoseconds time) {
    phases_.push_back({name, time});
  }

  const std::vector<Phase>& phases() const { return phases_; }
  std::chrono::nanoseconds Total() const;

  // "parse 0.4 ms, irgen 0.2 ms".
  std::string ToString() const;

 private:
  std::vector<Phase> phases_;
};

// Adds the time of its own life as one phase, and traces it.
class PhaseTimer {
 public:
  PhaseTimer(PhaseTimes* times, std::string_view name) : times_(times), name_(name) {}
  ~PhaseTimer() {
    const std::chrono::nanoseconds time = std::chrono::steady_clock::now() - start_;
    times_->Add(name_, time);
    TraceSpan(name_, /*detail=*/"", start_, time);
  }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  PhaseTimes* times_;
  std::string_view name_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_PHASE_TIMES_H_
