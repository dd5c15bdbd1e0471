// Tuple: an array of known length and types.
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

TEST(Tuple, HoldsItsValues) {
  const Tuple<int64_t, String, double> tuple(1, "one", 1.5);
  EXPECT_EQ(tuple.get<0>(), 1);
  EXPECT_EQ(tuple.get<1>(), "one");
  EXPECT_EQ(tuple.get<2>(), 1.5);
  static_assert(tuple.size() == 3);
  const auto [number, text, real] = tuple;
  EXPECT_EQ(number, 1);
  EXPECT_EQ(text, "one");
  EXPECT_EQ(real, 1.5);
}

TEST(Tuple, StartsWithDefaults) {
  const Tuple<int64_t, String> tuple;
  EXPECT_EQ(tuple.get<0>(), 0);
  EXPECT_EQ(tuple.get<1>(), "");
  EXPECT_EQ(Any(Tuple<>()).cast<Array<Any>>().size(), 0u);
}

TEST(Tuple, ComesFromAStdTuple) {
  const Tuple<int64_t, bool> tuple = std::make_tuple(int64_t{3}, true);
  EXPECT_EQ(tuple.get<0>(), 3);
  EXPECT_TRUE(tuple.get<1>());
}

TEST(Tuple, IsAnArrayToOthers) {
  const Any any(Tuple<int64_t, String>(1, "one"));
  EXPECT_EQ(any.type_index(), kTVMFFIArray);
  EXPECT_EQ(any.cast<Array<Any>>()[1].cast<std::string>(), "one");
}

TEST(Tuple, TakesAnArrayOrListThatFits) {
  EXPECT_EQ((Any(Array<int64_t>{1, 2}).cast<Tuple<int64_t, double>>().get<1>()), 2.0);
  EXPECT_EQ((Any(List<int64_t>{1, 2}).cast<Tuple<int64_t, int64_t>>().get<1>()), 2);
}

TEST(Tuple, RefusesWhatDoesNotFit) {
  const Any any(Array<Any>{Any(1), Any("text")});
  EXPECT_FALSE(any.try_cast<Tuple<int64_t>>().has_value());
  EXPECT_FALSE((any.try_cast<Tuple<int64_t, int64_t>>().has_value()));
  EXPECT_FALSE((any.try_cast<Tuple<int64_t, String, int64_t>>().has_value()));
  EXPECT_FALSE((Any(List<int64_t>{1}).try_cast<Tuple<String>>().has_value()));
  EXPECT_FALSE((Any(3).try_cast<Tuple<int64_t>>().has_value()));
}

TEST(Tuple, ChangesOnlyItsOwnCopy) {
  Tuple<int64_t, String> tuple(1, "one");
  const ArrayObj* const before = Any(tuple).cast<Array<Any>>().get();
  tuple.Set<0>(2);
  EXPECT_EQ(Any(tuple).cast<Array<Any>>().get(), before) << "nobody shares it";
  const Tuple<int64_t, String> shared = tuple;
  tuple.Set<0>(3);
  EXPECT_EQ(shared.get<0>(), 2);
  EXPECT_EQ(tuple.get<0>(), 3);
  EXPECT_EQ(tuple.get<1>(), "one");
}

TEST(Tuple, HoldsOneCountOfEachElement) {
  Lives lives;
  {
    Tuple<Counted, Counted> tuple(Counted(&lives, 1), Counted(&lives, 2));
    const Tuple<Counted, Counted> shared = tuple;
    tuple.Set<1>(Counted(&lives, 3));
    EXPECT_EQ(shared.get<1>()->value, 2);
    EXPECT_EQ(lives.alive(), 3);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(Tuple, ANullOneHasNoElements) {
  Tuple<int64_t> tuple(1);
  const Tuple<int64_t> taken = std::move(tuple);
  EXPECT_EQ(ThrownBy([&] { (void)tuple.get<0>(); }).kind(), "IndexError");
  EXPECT_EQ(ThrownBy([&] { tuple.Set<0>(1); }).kind(), "IndexError");
}

TEST(Tuple, TravelsThroughFunctions) {
  const Function swap = Function::FromTyped(
      [](const Tuple<int64_t, String>& t) { return Tuple(t.get<1>(), t.get<0>()); });
  EXPECT_EQ((swap(Tuple<int64_t, String>(1, "x")).cast<Tuple<String, int64_t>>().get<0>()), "x");
  EXPECT_EQ(ThrownBy([&] { swap(Array<int64_t>{1}); }).kind(), "TypeError");
}

}  // namespace
}  // namespace kiln::testing
