// A plain model of a map, and random changes to compare a table with it.
#ifndef KILN_TESTS_ABI_CPP_TABLE_MODEL_H_
#define KILN_TESTS_ABI_CPP_TABLE_MODEL_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include <kiln/any.h>

namespace kiln::testing {

using Model = std::map<int64_t, int64_t>;

// Keys of many kinds, the same for the same number.
inline Any KeyOf(int64_t number) {
  switch (number % 4) {
    case 0:
      return number;
    case 1:
      return String("k" + std::to_string(number));
    case 2:
      return String("a key that is longer than inline, " + std::to_string(number));
    default:
      return Bytes("b" + std::to_string(number));
  }
}

// `rounds` random changes among `keys` keys: set(number, value) and erase(number).
template <typename Set, typename Erase>
void ChangeAtRandom(uint32_t seed, int rounds, int64_t keys, Model* model, Set&& set,
                    Erase&& erase) {
  std::mt19937 random(seed);
  for (int i = 0; i < rounds; ++i) {
    const auto number = static_cast<int64_t>(random() % static_cast<uint64_t>(keys));
    // Phases of growth and of decay.
    if (random() % 8 < ((i / 512) % 2 == 0 ? 6u : 2u)) {
      (*model)[number] = i;
      set(number, i);
    } else {
      model->erase(number);
      erase(number);
    }
  }
}

// `table` is a Map<Any, int64_t> or Dict<Any, int64_t>.
template <typename Table>
void ExpectTheSame(const Table& table, const Model& model, int64_t keys) {
  ASSERT_EQ(table.size(), model.size());
  size_t seen = 0;
  for (const auto& [key, value] : table) {
    ASSERT_EQ(table.at(key), value);
    ++seen;
  }
  ASSERT_EQ(seen, model.size());
  for (int64_t number = 0; number < keys; ++number) {
    const auto value = table.Get(KeyOf(number));
    const auto expected = model.find(number);
    ASSERT_EQ(value.has_value(), expected != model.end()) << number;
    if (value) {
      ASSERT_EQ(*value, expected->second) << number;
    }
  }
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_ABI_CPP_TABLE_MODEL_H_
