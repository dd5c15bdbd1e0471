// Maps: what they hold, in which order, and who sees a change.
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

TEST(Map, IsEmptyAndNotNullByDefault) {
  const Map<String, int> map;
  EXPECT_TRUE(map.defined());
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.begin(), map.end());
  EXPECT_EQ(map.type_index(), kTVMFFIMap);
}

TEST(Map, HoldsPairsInTheOrderOfTheirInsertion) {
  for (const int count : {1, 2, 3, 4, 5, 16, 17, 1000}) {
    Map<int, String> map;
    for (int i = 0; i < count; ++i) map.Set((i * 7919) % 10007, String(std::to_string(i)));
    ASSERT_EQ(map.size(), static_cast<size_t>(count));
    int i = 0;
    for (const auto& [key, value] : map) {
      ASSERT_EQ(key, (i * 7919) % 10007);
      ASSERT_EQ(value, std::to_string(i));
      ++i;
    }
    ASSERT_EQ(i, count);
  }
}

TEST(Map, IsMadeOfPairs) {
  const Map<String, int> map = {{"a", 1}, {"b", 2}, {"a", 3}};
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(map.at("a"), 3);
  EXPECT_EQ(map["b"], 2);
  EXPECT_EQ(map.count("c"), 0u);
  EXPECT_FALSE(map.Get("c").has_value());
  EXPECT_EQ(map.find("c"), map.end());
  EXPECT_EQ((*map.find("b")).second, 2);
  const std::vector<std::pair<std::string, int>> pairs = {{"x", 1}, {"a long, long key", 2}};
  EXPECT_EQ((Map<String, int>::From(pairs).at("a long, long key")), 2);
}

TEST(Map, AMissingKeyIsAKeyError) {
  const Map<String, int> map = {{"a", 1}};
  const Error error = ThrownBy([&] { (void)map.at("b"); });
  EXPECT_EQ(error.kind(), "KeyError");
  EXPECT_EQ(error.message(), "no entry has the key 'b'");
  const Map<int, int> numbers;
  EXPECT_EQ(ThrownBy([&] { (void)numbers.at(7); }).message(), "no entry has the key int 7");
}

TEST(Map, AnEntryOfAnotherTypeIsATypeError) {
  const Any any = Map<Any, Any>{{Any("a"), Any(1)}, {Any(2), Any("b")}};
  const auto map = any.cast<Map<String, int>>();
  EXPECT_EQ(map.at("a"), 1);
  auto it = map.begin();
  ++it;
  EXPECT_EQ(ThrownBy([&] { (void)it.key(); }).kind(), "TypeError");
  EXPECT_EQ(ThrownBy([&] { (void)it.value(); }).kind(), "TypeError");
}

TEST(Map, AChangeIsSeenByNoOtherReference) {
  for (const int count : {2, 4, 100}) {
    Map<int, int> map;
    for (int i = 0; i < count; ++i) map.Set(i, i);
    const Map<int, int> before = map;
    map.Set(0, -1);
    map.Set(count, count);
    EXPECT_TRUE(map.erase(1));
    EXPECT_FALSE(map.erase(1));
    EXPECT_EQ(before.size(), static_cast<size_t>(count));
    EXPECT_EQ(before.at(0), 0);
    EXPECT_EQ(before.at(1), 1);
    EXPECT_EQ(map.size(), static_cast<size_t>(count));
    EXPECT_EQ(map.at(0), -1);
    EXPECT_FALSE(map.contains(1));
    const auto* object = map.get();
    map.Set(2, 5);
    EXPECT_EQ(map.get(), object) << "the only reference changes in place";
    map.clear();
    EXPECT_TRUE(map.empty());
  }
}

TEST(Map, KeepsWhatAModelKeeps) {
  for (const int64_t keys : {4, 6, 40, 3000}) {
    Map<Any, int64_t> map;
    Model model;
    ChangeAtRandom(
        static_cast<uint32_t>(keys), 20000, keys, &model,
        [&](int64_t number, int64_t value) { map.Set(KeyOf(number), value); },
        [&](int64_t number) { map.erase(KeyOf(number)); });
    ExpectTheSame(map, model, keys);
  }
}

TEST(Map, ReleasesItsEntriesWhenTheyGo) {
  for (const int count : {3, 500}) {
    Lives lives;
    {
      Map<Counted, Counted> map;
      std::vector<Counted> keys;
      for (int i = 0; i < count; ++i) {
        keys.emplace_back(&lives);
        map.Set(keys.back(), Counted(&lives));
      }
      map.Set(keys[0], Counted(&lives));
      EXPECT_EQ(lives.destroyed, 1);
      const Map<Counted, Counted> copy = map;
      map.erase(keys[1]);
      EXPECT_EQ(lives.destroyed, 1);
      map = {};
      EXPECT_EQ(copy.size(), keys.size());
    }
    EXPECT_EQ(lives.alive(), 0);
  }
}

TEST(Map, IsMadeOfADictByCopy) {
  Dict<String, int> dict = {{"a", 1}};
  const auto map = Any(dict).cast<Map<String, int>>();
  dict.Set("a", 2);
  EXPECT_EQ(map.at("a"), 1);
  EXPECT_FALSE(Any(1).try_cast<decltype(dict)>().has_value());
}

TEST(Map, ANullOneHasNoEntries) {
  auto map = Any().cast<Map<String, int>>();
  EXPECT_FALSE(map.defined());
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.begin(), map.end());
  EXPECT_FALSE(map.contains("a"));
  EXPECT_FALSE(map.erase("a"));
  map.Set("a", 1);
  EXPECT_EQ(map.at("a"), 1);
}

TEST(Map, IsReleasedHoweverDeepItIsNested) {
  Lives lives;
  Map<String, Any> map = {{"leaf", Any(Counted(&lives))}};
  for (int i = 0; i < 1'000'000; ++i) map = Map<String, Any>{{"inner", Any(std::move(map))}};
  map = {};
  EXPECT_EQ(lives.destroyed, 1);
}

}  // namespace
}  // namespace kiln::testing
