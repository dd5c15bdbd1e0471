// Optional: a value or none, as wide as the ABI's virtual functions return it.
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/array.h>
#include <kiln/function.h>
#include <kiln/optional.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

// As wide as the ABI has them: a pointer for references, a whole value for text.
static_assert(sizeof(Optional<Function>) == sizeof(void*));
static_assert(sizeof(Optional<Array<String>>) == sizeof(void*));
static_assert(sizeof(Optional<String>) == sizeof(TVMFFIAny));
static_assert(sizeof(Optional<Bytes>) == sizeof(TVMFFIAny));

TEST(Optional, IsAbsentByDefaultAndFromNullopt) {
  EXPECT_FALSE(Optional<Function>().has_value());
  EXPECT_FALSE(Optional<String>(std::nullopt).has_value());
  EXPECT_FALSE(Optional<Bytes>(std::nullopt));
}

TEST(Optional, AnEmptyStringIsAValue) {
  const Optional<String> text = String();
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text, "");
  EXPECT_TRUE(Optional<Bytes>(Bytes()).has_value());
}

TEST(Optional, AnEmptyArrayIsAValue) {
  EXPECT_TRUE(Optional<Array<String>>(Array<String>()).has_value());
  EXPECT_FALSE(Optional<Array<String>>().has_value());
}

TEST(Optional, ANullReferenceIsNone) { EXPECT_FALSE(Optional<Counted>(Counted()).has_value()); }

TEST(Optional, HoldsOneCountOfItsReference) {
  Lives lives;
  {
    const Optional<Counted> held = Counted(&lives, 4);
    EXPECT_EQ((*held)->value, 4);
    const Optional<Counted> copy = held;
    EXPECT_EQ(copy->use_count(), 2u);
  }
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Optional, IsReadAsAbsentByItsKindAlone) {
  const Optional<String> absent;
  EXPECT_EQ(absent->raw().type_index, kTVMFFINone);
  EXPECT_EQ(absent->size(), 0u);
}

TEST(Optional, TakesPlainTypes) {
  Optional<int64_t> number = 3;
  EXPECT_EQ(*number, 3);
  EXPECT_EQ(number.value_or(4), 3);
  number = std::nullopt;
  EXPECT_FALSE(number);
  EXPECT_EQ(number.value_or(4), 4);
  const Error error = ThrownBy([&] { (void)number.value(); });
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_EQ(error.message(), "expected a value, got an absent int");
  number = 5;
  number.reset();
  EXPECT_EQ(number, std::nullopt);
}

TEST(Optional, EqualsByValue) {
  EXPECT_EQ(Optional<int64_t>(3), Optional<int64_t>(3));
  EXPECT_FALSE(Optional<int64_t>(3) == Optional<int64_t>(4));
  EXPECT_FALSE(Optional<int64_t>(0) == Optional<int64_t>());
  EXPECT_EQ(Optional<String>("a"), Optional<String>("a"));
  Lives lives;
  const Counted object(&lives);
  EXPECT_EQ(Optional<Counted>(object), Optional<Counted>(object));
  EXPECT_FALSE(Optional<Counted>(object) == Optional<Counted>(Counted(&lives)));
}

TEST(Optional, IsNoneOnTheWire) {
  const Function twice = Function::FromTyped(
      [](const Optional<int64_t>& x) { return x ? Optional<int64_t>(2 * *x) : std::nullopt; });
  EXPECT_EQ(twice(4).cast<int>(), 8);
  EXPECT_TRUE(twice(nullptr).is_none());
  EXPECT_TRUE(twice(Optional<int64_t>()).is_none());
  EXPECT_EQ(twice(Optional<int64_t>(1)).cast<Optional<int64_t>>(), Optional<int64_t>(2));
  const Error error = ThrownBy([&] { twice("text"); });
  EXPECT_EQ(error.message(), "argument 0: expected Optional<int>, got const char*");
  const Function text = Function::FromTyped([](const std::optional<std::string>& x) {
    return x ? std::optional(*x + "!") : std::nullopt;
  });
  EXPECT_EQ(text("hey").cast<std::optional<std::string>>(), "hey!");
  EXPECT_EQ(text(nullptr).cast<std::optional<std::string>>(), std::nullopt);
}

}  // namespace
}  // namespace kiln::testing
