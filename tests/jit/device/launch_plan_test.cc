#include "jit/device/launch_plan.h"

#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

TEST(LaunchPlan, FixedShapeIsRead) {
  const auto plan = ParseLaunchPlan("grid=64,2,3 block=256 smem=1024 cluster=2,1 cooperative=1");
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->one_thread_per_element);
  EXPECT_EQ(plan->grid, (Dim3{64, 2, 3}));
  EXPECT_EQ(plan->block, (Dim3{256, 1, 1}));
  EXPECT_EQ(plan->cluster, (Dim3{2, 1, 1}));
  EXPECT_EQ(plan->shared_bytes, 1024U);
  EXPECT_TRUE(plan->cooperative);
}

TEST(LaunchPlan, OneThreadForEachElement) {
  const auto plan = ParseLaunchPlan("1d  block=128");
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->one_thread_per_element);
  EXPECT_EQ(plan->block, (Dim3{128, 1, 1}));
  EXPECT_FALSE(plan->grid);
  EXPECT_FALSE(plan->shared_bytes);
}

TEST(LaunchPlan, EmptyTextSaysNothing) {
  const auto plan = ParseLaunchPlan("");
  ASSERT_TRUE(plan);
  EXPECT_FALSE(plan->grid || plan->block || plan->one_thread_per_element);
}

TEST(LaunchPlan, OtherTextIsRefused) {
  for (const char* const text :
       {"2d", "grid", "grid=", "grid=1,", "grid=1,2,3,4", "grid=-1", "grid=1;2", "block=x",
        "smem=1k", "smem=", "cooperative=yes", "stream=0", "grid=99999999999", "=1"}) {
    EXPECT_FALSE(ParseLaunchPlan(text)) << text;
  }
}

}  // namespace
}  // namespace kiln::jit
