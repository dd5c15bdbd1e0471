// Dicts: shared by all references, changed in place.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/dict.h>
#include <kiln/map.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/table_model.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

TEST(Dict, AChangeIsSeenByEveryReference) {
  Dict<int, int> dict = {{0, 0}};
  const Dict<int, int> other = dict;
  for (int i = 0; i < 10000; ++i) dict.Set(i, -i);
  EXPECT_TRUE(other.same_as(dict));
  EXPECT_EQ(other.size(), 10000u);
  EXPECT_EQ(other.at(9999), -9999);
  EXPECT_TRUE(dict.erase(5000));
  EXPECT_FALSE(dict.erase(5000));
  EXPECT_FALSE(other.contains(5000));
  dict.clear();
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(other.begin(), other.end());
  dict.Set(3, 4);
  EXPECT_EQ(other.at(3), 4);
}

TEST(Dict, HasTheCellThatTheAbiReads) {
  Dict<int, int> dict = {{1, 10}, {2, 20}};
  const auto* cell = reinterpret_cast<const TableCell*>(dict.handle() + 1);
  EXPECT_EQ(cell->size, 2u);
  EXPECT_EQ(cell->slots, TableCell::kSmallTag | 4);
  EXPECT_EQ(cell->data_deleter, nullptr);
  EXPECT_EQ(static_cast<const TVMFFIAny*>(cell->data)[3].v_int64, 20);
  for (int i = 3; i <= 5; ++i) dict.Set(i, 10 * i);
  EXPECT_EQ(cell->slots, 8u);
  EXPECT_EQ(cell->shift, 61u);
  EXPECT_NE(cell->data_deleter, nullptr);
  for (int i = 6; i <= 8; ++i) dict.Set(i, 10 * i);
  EXPECT_EQ(cell->slots % 8, 0u);
}

TEST(Dict, KeepsTheOrderWhenEntriesGo) {
  for (const int count : {4, 300}) {
    Dict<int, int> dict;
    for (int i = 0; i < count; ++i) dict.Set(i, i);
    for (int i = 0; i < count; i += 2) dict.erase(i);
    dict.Set(0, 0);
    std::vector<int> keys;
    for (const auto& [key, value] : dict) keys.push_back(key);
    std::vector<int> expected;
    for (int i = 1; i < count; i += 2) expected.push_back(i);
    expected.push_back(0);
    EXPECT_EQ(keys, expected);
  }
}

TEST(Dict, KeepsWhatAModelKeeps) {
  for (const int64_t keys : {4, 6, 40, 12000}) {
    Dict<Any, int64_t> dict;
    Model model;
    ChangeAtRandom(
        static_cast<uint32_t>(keys), 60000, keys, &model,
        [&](int64_t number, int64_t value) { dict.Set(KeyOf(number), value); },
        [&](int64_t number) { dict.erase(KeyOf(number)); });
    ExpectTheSame(dict, model, keys);
  }
}

TEST(Dict, ReleasesItsEntriesWhenTheyGo) {
  for (const int count : {3, 500}) {
    Lives lives;
    {
      Dict<int, Counted> dict;
      for (int i = 0; i < count; ++i) dict.Set(i, Counted(&lives));
      dict.Set(0, Counted(&lives));
      dict.erase(1);
      EXPECT_EQ(lives.destroyed, 2);
      dict.clear();
      EXPECT_EQ(lives.alive(), 0);
      dict.Set(0, Counted(&lives));
    }
    EXPECT_EQ(lives.alive(), 0);
  }
}

TEST(Dict, IsMadeOfAMapByCopy) {
  const Map<String, int> map = {{"a", 1}};
  auto dict = Any(map).cast<Dict<String, int>>();
  dict.Set("a", 2);
  EXPECT_EQ(map.at("a"), 1);
  EXPECT_EQ(dict.at("a"), 2);
}

TEST(Dict, HoldsDicts) {
  Dict<String, Any> inner;
  const Dict<String, Any> outer = {{"inner", Any(inner)}};
  inner.Set("x", Any(7));
  EXPECT_EQ((outer.at("inner").cast<Dict<String, int>>().at("x")), 7);
}

}  // namespace
}  // namespace kiln::testing
