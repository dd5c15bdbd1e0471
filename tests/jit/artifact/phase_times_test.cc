#include "jit/artifact/phase_times.h"

#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

using std::chrono::microseconds;

TEST(PhaseTimes, KeepsTheOrderAndAddsUp) {
  PhaseTimes times;
  times.Add("parse", microseconds(400));
  times.Add("irgen", microseconds(1250));
  EXPECT_EQ(times.Total(), microseconds(1650));
  EXPECT_EQ(times.ToString(), "parse 0.4 ms, irgen 1.2 ms");
}

TEST(PhaseTimer, AddsOnePhaseForItsLife) {
  PhaseTimes times;
  {
    const PhaseTimer timer(&times, "link");
  }
  ASSERT_EQ(times.phases().size(), 1u);
  EXPECT_EQ(times.phases()[0].name, "link");
  EXPECT_GE(times.phases()[0].time.count(), 0);
}

}  // namespace
}  // namespace kiln::jit
