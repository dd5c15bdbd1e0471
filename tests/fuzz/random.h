// Random input that is the same in every run, on every machine.
#ifndef KILN_TESTS_FUZZ_RANDOM_H_
#define KILN_TESTS_FUZZ_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>

namespace kiln::fuzz {

// How many inputs a test tries: enough to reach every branch, few enough for every run of the
// tests. Raise it by hand to search for longer.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr int kEffort = 1;
#else
inline constexpr int kEffort = 3;
#endif

class Random {
 public:
  explicit Random(uint64_t seed) : bits_(seed) {}

  uint64_t Bits() { return bits_(); }
  // 0 <= result < limit.
  size_t Below(size_t limit) { return static_cast<size_t>(bits_() % limit); }
  // True once in that many times.
  bool OneIn(size_t times) { return Below(times) == 0; }
  template <typename Range>
  const auto& Of(const Range& range) {
    return std::data(range)[Below(std::size(range))];
  }
  // Small numbers, extremes and their neighbours, and now and then any number.
  int64_t Integer() {
    static constexpr int64_t kNotable[] = {0,         1,         -1,        2,         3,
                                           7,         8,         16,        100,       INT32_MAX,
                                           INT32_MIN, INT64_MAX, INT64_MIN, 1LL << 32, 1LL << 62};
    if (OneIn(8)) return static_cast<int64_t>(Bits());
    if (OneIn(2)) return static_cast<int64_t>(Below(8)) - 2;
    return Of(kNotable);
  }

 private:
  std::mt19937_64 bits_;
};

}  // namespace kiln::fuzz

#endif  // KILN_TESTS_FUZZ_RANDOM_H_
