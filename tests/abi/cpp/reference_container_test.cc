// Containers that Kiln's headers and the reference's work on in turns: each side reads, changes and
// frees what the other made.
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/reference_function.h"
#include "tests/abi/cpp/table_model.h"

namespace kiln::testing {
namespace {

// A function that gives the value away, so that the caller holds the only reference.
template <typename T>
Function Giving(T* value) {
  return Function::FromTyped(
      [value] { return std::exchange(*value, T(ObjectPtr<typename T::ContainerType>())); });
}

TEST(ReferenceContainers, HashAndEqualityAgree) {
  Lives lives;
  const Function hash = Reference("hash");
  const Function equal = Reference("equal");
  std::vector<Any> values = {Any(),      Any(0),    Any(1),        Any(-1),           Any(true),
                             Any(0.0),   Any(-0.0), Any(1.5),      Any(std::nan("")), Any(kCpu),
                             Any("abc"), Any(""),   Any(INT64_MIN)};
  values.push_back(Any(DataTypeOf<float>()));
  values.push_back(Any(Counted(&lives)));
  for (size_t length = 0; length < 40; ++length) {
    const std::string text(length, static_cast<char>('a' + length % 26));
    values.push_back(Any(String(text)));
    values.push_back(Any(Bytes(text)));
    values.push_back(Any(String(text + "\xff")));
  }
  for (const Any& a : values) {
    EXPECT_EQ(hash(a).cast<uint64_t>(), AnyHash(a)) << Describe(a.raw());
    for (const Any& b : values) EXPECT_EQ(equal(a, b).cast<bool>(), AnyEqual(a, b));
  }
}

template <typename Table>
void ExpectTheSameKeys(const Table& table, const Array<Any>& keys) {
  ASSERT_EQ(keys.size(), table.size());
  size_t i = 0;
  for (const auto& [key, value] : table) ASSERT_TRUE(AnyEqual(key, keys[i++]));
}

void ReferenceExpects(const char* get_name, const Any& table, const Model& model, int64_t keys) {
  const Function get = Reference(get_name);
  for (int64_t number = 0; number < keys; ++number) {
    const Any value = get(table, KeyOf(number));
    const auto expected = model.find(number);
    if (expected == model.end()) {
      ASSERT_EQ(value.cast<String>(), "none") << number;
    } else {
      ASSERT_EQ(value.cast<int64_t>(), expected->second) << number;
    }
  }
}

TEST(ReferenceContainers, ADictIsChangedByBothSidesInTurns) {
  const Function set = Reference("dict_set");
  const Function erase = Reference("dict_erase");
  for (const int64_t keys : {3, 4, 5, 40, 12000}) {
    for (const bool ours_first : {true, false}) {
      auto dict =
          ours_first ? Dict<Any, int64_t>() : Reference("make_dict")(0).cast<Dict<Any, int64_t>>();
      std::mt19937 random(7);
      Model model;
      ChangeAtRandom(
          static_cast<uint32_t>(keys), 40000, keys, &model,
          [&](int64_t number, int64_t value) {
            if (random() % 2 == 0) {
              dict.Set(KeyOf(number), value);
            } else {
              set(dict, KeyOf(number), value);
            }
          },
          [&](int64_t number) {
            if (random() % 2 == 0) {
              dict.erase(KeyOf(number));
            } else {
              erase(dict, KeyOf(number));
            }
          });
      ExpectTheSame(dict, model, keys);
      ReferenceExpects("dict_get", dict, model, keys);
      ExpectTheSameKeys(dict, Reference("dict_keys")(dict).cast<Array<Any>>());
    }
  }
}

TEST(ReferenceContainers, AMapIsChangedInPlaceByBothSidesInTurns) {
  const Function set = Reference("map_set");
  const Function erase = Reference("map_erase");
  for (const int64_t keys : {3, 4, 5, 40, 12000}) {
    for (const bool ours_first : {true, false}) {
      auto map =
          ours_first ? Map<Any, int64_t>() : Reference("make_map")(0).cast<Map<Any, int64_t>>();
      std::mt19937 random(7);
      Model model;
      ChangeAtRandom(
          static_cast<uint32_t>(keys), 40000, keys, &model,
          [&](int64_t number, int64_t value) {
            if (random() % 2 == 0) {
              map.Set(KeyOf(number), value);
            } else {
              map = set(Giving(&map), KeyOf(number), value).cast<Map<Any, int64_t>>();
            }
          },
          [&](int64_t number) {
            if (random() % 2 == 0) {
              map.erase(KeyOf(number));
            } else {
              map = erase(Giving(&map), KeyOf(number)).cast<Map<Any, int64_t>>();
            }
          });
      ExpectTheSame(map, model, keys);
      ReferenceExpects("map_get", map, model, keys);
      ExpectTheSameKeys(map, Reference("map_keys")(map).cast<Array<Any>>());
    }
  }
}

TEST(ReferenceContainers, EachSideCopiesTheOthersMap) {
  for (const int64_t size : {0, 1, 2, 3, 4, 5, 17, 10000}) {
    auto theirs = Reference("make_map")(size).cast<Map<int64_t, int64_t>>();
    const Map<int64_t, int64_t> before = theirs;
    theirs.Set(size, 1);
    EXPECT_EQ(before.size(), static_cast<size_t>(size));
    EXPECT_EQ(theirs.size(), static_cast<size_t>(size + 1));
    const auto back = Reference("map_set_copy")(theirs, -1, 2).cast<Map<int64_t, int64_t>>();
    EXPECT_EQ(theirs.size(), static_cast<size_t>(size + 1));
    EXPECT_EQ(back.size(), static_cast<size_t>(size + 2));
    for (int64_t i = 0; i < size; ++i) ASSERT_EQ(back.at(i), -i);
  }
}

TEST(ReferenceContainers, ADictGrowsAndIsClearedByEither) {
  Lives lives;
  for (const bool ours_first : {true, false}) {
    auto dict =
        ours_first ? Dict<int64_t, Any>() : Reference("make_dict")(3).cast<Dict<int64_t, Any>>();
    for (int64_t i = 0; i < 10000; ++i) {
      const Counted value(&lives);
      if ((i < 6) == ours_first) {
        Reference("dict_set")(dict, i, value);
      } else {
        dict.Set(i, Any(value));
      }
    }
    EXPECT_EQ(lives.alive(), 10000);
    if (ours_first) {
      Reference("dict_clear")(dict);
    } else {
      dict.clear();
    }
    EXPECT_EQ(lives.alive(), 0);
    EXPECT_TRUE(dict.empty());
    Reference("dict_set")(dict, 1, Counted(&lives));
    dict.Set(2, Any(Counted(&lives)));
    EXPECT_EQ(Reference("dict_keys")(dict).cast<Array<Any>>().size(), 2u);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(ReferenceContainers, AListIsChangedByBothSidesInTurns) {
  const Function insert = Reference("list_insert");
  const Function erase = Reference("list_erase");
  for (const bool ours_first : {true, false}) {
    auto list = ours_first ? List<int64_t>() : Reference("make_list")(0).cast<List<int64_t>>();
    std::vector<int64_t> model;
    std::mt19937 random(3);
    for (int64_t i = 0; i < 10000; ++i) {
      const auto at = static_cast<int64_t>(random() % (model.size() + 1));
      const bool by_us = random() % 2 == 0;
      if (random() % 4 != 0) {
        model.insert(model.begin() + at, i);
        if (by_us) {
          list.Insert(at, i);
        } else {
          insert(list, at, i);
        }
      } else if (at < static_cast<int64_t>(model.size())) {
        model.erase(model.begin() + at);
        if (by_us) {
          list.Erase(at);
        } else {
          erase(list, at);
        }
      }
    }
    EXPECT_EQ(std::vector<int64_t>(list.begin(), list.end()), model);
    const auto array = Reference("list_array")(list).cast<Array<int64_t>>();
    EXPECT_EQ(std::vector<int64_t>(array.begin(), array.end()), model);
  }
}

TEST(ReferenceContainers, AnArrayIsChangedInPlaceByBothSidesInTurns) {
  Array<int64_t> array = {0};
  for (int64_t i = 1; i < 1000; ++i) {
    array = Reference("array_set")(Giving(&array), 0, i).cast<Array<int64_t>>();
    array.push_back(-i);
    if (i % 3 == 0) array.pop_back();
  }
  EXPECT_EQ(array.size(), 1u + 999 + 999 - 333);
  EXPECT_EQ(array[0], 999);
}

TEST(ReferenceContainers, ContainersHoldEachOther) {
  Lives lives;
  {
    Dict<String, Any> ours;
    for (int i = 0; i < 100; ++i) {
      Dict<Any, Any> theirs = Reference("make_dict")(i).cast<Dict<Any, Any>>();
      theirs.Set(Any("held"), Any(Counted(&lives)));
      ours = Dict<String, Any>{{"inner", Any(theirs)}, {"outer", Any(ours)}};
    }
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(ReferenceContainers, ShapesCross) {
  EXPECT_EQ(Reference("shape_product")(Shape{2, 3, 7}).cast<int>(), 42);
  EXPECT_EQ(Reference("make_shape")().cast<Shape>(), (Shape{4, 5}));
}

}  // namespace
}  // namespace kiln::testing
