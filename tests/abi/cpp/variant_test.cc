// Variant: one of several types.
#include <string>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

TEST(Variant, HoldsAnyOfItsTypes) {
  Variant<int64_t, String> id = "k1";
  EXPECT_TRUE(id.holds<String>());
  EXPECT_FALSE(id.holds<int64_t>());
  EXPECT_EQ(id.get<String>(), "k1");
  EXPECT_FALSE(id.try_get<int64_t>().has_value());
  id = int64_t{7};
  EXPECT_EQ(id.get<int64_t>(), 7);
  EXPECT_EQ(id.type_index(), kTVMFFIInt);
}

TEST(Variant, StartsAsTheDefaultOfTheFirst) {
  EXPECT_EQ((Variant<int64_t, String>().get<int64_t>()), 0);
  EXPECT_EQ((Variant<String, int64_t>().get<String>()), "");
}

TEST(Variant, KeepsAKindThatItHas) {
  EXPECT_TRUE((Any(3).cast<Variant<double, int64_t>>().holds<int64_t>()));
  EXPECT_TRUE((Any(true).cast<Variant<double, int64_t, bool>>().holds<bool>()));
  EXPECT_TRUE((
      Any(List<int64_t>{1}).cast<Variant<Array<int64_t>, List<int64_t>>>().holds<List<int64_t>>()));
}

TEST(Variant, ConvertsToTheFirstThatTakesTheValue) {
  EXPECT_EQ((Any(3).cast<Variant<String, double>>().get<double>()), 3.0);
  EXPECT_EQ((AnyView("text").cast<Variant<int64_t, String>>().type_index()), kTVMFFISmallStr);
}

TEST(Variant, RefusesWhatNoneTakes) {
  const Error error = ThrownBy([] { Any(0.5).cast<Variant<int64_t, String>>(); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "expected Variant<int, ffi.String>, got float");
}

TEST(Variant, HoldsOneCountOfItsObject) {
  Lives lives;
  {
    const Variant<int64_t, Counted> held = Counted(&lives, 4);
    const Variant<int64_t, Counted> copy = held;
    EXPECT_EQ(copy.get<Counted>()->value, 4);
    EXPECT_EQ(Any(held).cast<Counted>().use_count(), 4u);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(Variant, TravelsThroughFunctions) {
  const Function describe = Function::FromTyped([](const Variant<int64_t, String>& id) {
    return id.holds<String>() ? id.get<String>() : String(std::to_string(id.get<int64_t>()));
  });
  EXPECT_EQ(describe(5).cast<std::string>(), "5");
  EXPECT_EQ(describe("five").cast<std::string>(), "five");
  EXPECT_EQ(describe("a name that is not inline").cast<std::string>(), "a name that is not inline");
}

}  // namespace
}  // namespace kiln::testing
