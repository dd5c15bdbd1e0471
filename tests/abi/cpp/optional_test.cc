// Optional: the cells that the ABI's virtual functions return.
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/array.h>
#include <kiln/function.h>
#include <kiln/optional.h>

#include "tests/abi/cpp/counted.h"

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

}  // namespace
}  // namespace kiln::testing
