// Lists: shared by all references, changed in place.
#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/array.h>
#include <kiln/list.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

template <typename Sequence>
std::vector<int> Numbers(const Sequence& sequence) {
  return std::vector<int>(sequence.begin(), sequence.end());
}

TEST(List, AChangeIsSeenByEveryReference) {
  List<int> list = {1, 2};
  const List<int> other = list;
  for (int i = 3; i <= 100; ++i) list.push_back(i);
  EXPECT_EQ(other.size(), 100u);
  EXPECT_EQ(other.back(), 100);
  list.Set(0, -1);
  EXPECT_EQ(other.front(), -1);
  list.clear();
  EXPECT_TRUE(other.empty());
}

TEST(List, InsertsAndErasesAnywhere) {
  List<int> list = {0, 1, 2};
  list.Insert(0, 10);
  list.Insert(4, 11);
  list.Insert(2, 12);
  EXPECT_EQ(Numbers(list), (std::vector<int>{10, 0, 12, 1, 2, 11}));
  list.Erase(1);
  list.Erase(0, 2);
  list.pop_back();
  EXPECT_EQ(Numbers(list), (std::vector<int>{1, 2}));
  EXPECT_EQ(list->Pop(0).cast<int>(), 1);
}

TEST(List, ReplacesASliceByItsOwnElements) {
  List<int> list = {0, 1, 2, 3};
  list->ReplaceSlice(1, 3, *list.get());
  EXPECT_EQ(Numbers(list), (std::vector<int>{0, 0, 1, 2, 3, 3}));
  list->ReplaceSlice(0, 6, *List<int>().get());
  EXPECT_TRUE(list.empty());
}

TEST(List, BeyondItsEndIsAnIndexError) {
  List<int> list = {1, 2};
  EXPECT_EQ(ThrownBy([&] { list.Set(2, 0); }).message(),
            "index 2 is out of range for a list of 2 elements");
  EXPECT_EQ(ThrownBy([&] { list.Insert(-1, 0); }).kind(), "IndexError");
  EXPECT_EQ(ThrownBy([&] { list.Insert(3, 0); }).kind(), "IndexError");
  EXPECT_EQ(ThrownBy([&] { list.Erase(1, 3); }).message(),
            "range [1, 3) is out of range for a list of 2 elements");
  EXPECT_EQ(ThrownBy([] { List<int>().pop_back(); }).kind(), "IndexError");
  EXPECT_EQ(ThrownBy([] { List<int>().front(); }).kind(), "IndexError");
}

TEST(List, KeepsWhatAVectorKeeps) {
  List<int> list;
  std::vector<int> model;
  std::mt19937 random(1);
  for (int i = 0; i < 5000; ++i) {
    const size_t at = random() % (model.size() + 1);
    const auto index = static_cast<int64_t>(at);
    if (random() % 5 < 3) {
      model.insert(model.begin() + index, i);
      list.Insert(index, i);
    } else if (at < model.size()) {
      model.erase(model.begin() + index);
      list.Erase(index);
    }
  }
  EXPECT_EQ(Numbers(list), model);
  std::reverse(model.begin(), model.end());
  list->Reverse();
  EXPECT_EQ(Numbers(list), model);
}

TEST(List, ReleasesItsElementsWhenTheyGo) {
  Lives lives;
  {
    List<Counted> list;
    for (int i = 0; i < 10; ++i) list.push_back(Counted(&lives));
    list.Set(0, Counted(&lives));
    list.Erase(2, 5);
    EXPECT_EQ(lives.destroyed, 4);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(List, AndArrayConvertToEachOtherByCopy) {
  const List<int> list = {1, 2};
  auto array = Any(list).cast<Array<int>>();
  array.push_back(3);
  EXPECT_EQ(list.size(), 2u);
  EXPECT_EQ(Any(array).cast<List<int>>().size(), 3u);
}

TEST(List, ThatHoldsItselfIsReleasedOnceCleared) {
  List<Any> list;
  list.push_back(Any(list));
  EXPECT_EQ(list.use_count(), 2u);
  list.clear();
  EXPECT_EQ(list.use_count(), 1u);
}

TEST(List, IsReleasedHoweverDeepItIsNested) {
  Lives lives;
  List<Any> list = {Any(Counted(&lives))};
  for (int i = 0; i < 1'000'000; ++i) list = List<Any>{Any(std::move(list))};
  list = {};
  EXPECT_EQ(lives.destroyed, 1);
}

}  // namespace
}  // namespace kiln::testing
