#include "jit/artifact/phase_times.h"

#include <cstdio>

namespace kiln::jit {

std::chrono::nanoseconds PhaseTimes::Total() const {
  std::chrono::nanoseconds total{0};
  for (const Phase& phase : phases_) total += phase.time;
  return total;
}

std::string PhaseTimes::ToString() const {
  std::string text;
  for (const Phase& phase : phases_) {
    char number[32];
    std::snprintf(number, sizeof number, " %.1f ms", static_cast<double>(phase.time.count()) / 1e6);
    if (!text.empty()) text += ", ";
    text += phase.name;
    text += number;
  }
  return text;
}

}  // namespace kiln::jit
