#include "jit/artifact/nearest_name.h"

#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

constexpr std::string_view kNames[] = {"opt_level", "cpu", "features", "std"};

TEST(NearestName, FindsSlips) {
  EXPECT_EQ(NearestName("opt_levl", kNames), "opt_level");
  EXPECT_EQ(NearestName("OptLevel", kNames), "opt_level");
  EXPECT_EQ(NearestName("optlevle", kNames), "opt_level");
  EXPECT_EQ(NearestName("feature", kNames), "features");
  EXPECT_EQ(NearestName("cup", kNames), "cpu");
}

TEST(NearestName, DoesNotGuessWildly) {
  EXPECT_EQ(NearestName("warp_size", kNames), "");
  EXPECT_EQ(NearestName("x", kNames), "");
  EXPECT_EQ(NearestName("", kNames), "");
  EXPECT_EQ(NearestName("opt_level", {}), "");
}

TEST(DidYouMean, IsTheTailOfAMessage) {
  EXPECT_EQ(DidYouMean("opt_levl", kNames), "; did you mean 'opt_level'?");
  EXPECT_EQ(DidYouMean("warp_size", kNames), "");
}

}  // namespace
}  // namespace kiln::jit
