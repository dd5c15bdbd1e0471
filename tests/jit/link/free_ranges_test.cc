#include "jit/link/free_ranges.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

TEST(FreeRanges, TakesTheSmallestThatFits) {
  FreeRanges ranges(1024, 64);
  EXPECT_EQ(ranges.Take(100, 1), 0u);
  EXPECT_EQ(ranges.Take(256, 1), 128u);
  EXPECT_EQ(ranges.Take(64, 1), 384u);
  EXPECT_EQ(ranges.taken(), 448u);
  ranges.Give(0, 100);
  EXPECT_EQ(ranges.Take(200, 1), 448u);
  EXPECT_EQ(ranges.Take(128, 1), 0u);
}

TEST(FreeRanges, KeepsWhatAlignmentPassesOver) {
  FreeRanges ranges(1024, 64);
  EXPECT_EQ(ranges.Take(64, 64), 0u);
  EXPECT_EQ(ranges.Take(64, 256), 256u);
  EXPECT_EQ(ranges.Take(192, 64), 64u);
}

TEST(FreeRanges, SaysWhenNothingFits) {
  FreeRanges ranges(128, 64);
  EXPECT_EQ(ranges.Take(129, 1), std::nullopt);
  EXPECT_EQ(ranges.Take(128, 1), 0u);
  EXPECT_EQ(ranges.Take(1, 1), std::nullopt);
  EXPECT_FALSE(ranges.all_free());
  ranges.Give(0, 128);
  EXPECT_TRUE(ranges.all_free());
  EXPECT_EQ(FreeRanges(0, 64).Take(1, 1), std::nullopt);
}

TEST(FreeRanges, NeighboursBecomeOne) {
  FreeRanges ranges(192, 64);
  for (int i = 0; i < 3; ++i) ranges.Take(64, 1);
  ranges.Give(0, 64);
  ranges.Give(128, 64);
  EXPECT_EQ(ranges.Take(128, 1), std::nullopt);
  ranges.Give(64, 64);
  EXPECT_EQ(ranges.Take(192, 1), 0u);
}

TEST(FreeRanges, ShowsEachRangeThatHasGrownOnce) {
  FreeRanges ranges(256, 64);
  for (int i = 0; i < 4; ++i) ranges.Take(64, 1);
  ranges.Give(64, 64);
  ranges.Give(192, 64);
  std::string seen;
  const auto note = [&](size_t begin, size_t end) {
    seen += std::to_string(begin) + "-" + std::to_string(end) + " ";
  };
  ranges.VisitGrown(note);
  EXPECT_EQ(seen, "64-128 192-256 ");
  ranges.VisitGrown(note);
  EXPECT_EQ(seen, "64-128 192-256 ");
  ranges.Give(128, 64);
  ranges.VisitGrown(note);
  EXPECT_EQ(seen, "64-128 192-256 64-256 ");
}

TEST(FreeRanges, NeverGiveTheSameBytesTwiceAndEndWithAllFree) {
  constexpr size_t kSize = 64 * 200;
  FreeRanges ranges(kSize, 64);
  std::vector<bool> taken(kSize, false);
  std::vector<std::pair<size_t, size_t>> held;
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    if (held.empty() || random() % 2 == 0) {
      const size_t size = 1 + random() % 700;
      const size_t alignment = size_t{1} << (random() % 10);
      const std::optional<size_t> begin = ranges.Take(size, alignment);
      if (!begin) continue;
      ASSERT_EQ(*begin % alignment, 0u);
      ASSERT_LE(*begin + size, kSize);
      for (size_t at = *begin; at < *begin + size; ++at) {
        ASSERT_FALSE(taken[at]);
        taken[at] = true;
      }
      held.emplace_back(*begin, size);
    } else {
      std::swap(held[random() % held.size()], held.back());
      const auto [begin, size] = held.back();
      held.pop_back();
      ranges.Give(begin, size);
      for (size_t at = begin; at < begin + size; ++at) taken[at] = false;
    }
  }
  for (const auto& [begin, size] : held) ranges.Give(begin, size);
  EXPECT_TRUE(ranges.all_free());
  EXPECT_EQ(ranges.Take(kSize, 1), 0u);
}

}  // namespace
}  // namespace kiln::jit
