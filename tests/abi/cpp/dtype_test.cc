// Data types: of C++ types, and their spelling.
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include <kiln/dtype.h>

#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

template <typename T>
std::string NameOf() {
  return DataTypeName(DataTypeOf<T>()).str();
}

TEST(DataType, OfEachArithmeticType) {
  EXPECT_EQ(NameOf<float>(), "float32");
  EXPECT_EQ(NameOf<double>(), "float64");
  EXPECT_EQ(NameOf<int8_t>(), "int8");
  EXPECT_EQ(NameOf<uint8_t>(), "uint8");
  EXPECT_EQ(NameOf<int32_t>(), "int32");
  EXPECT_EQ(NameOf<uint64_t>(), "uint64");
  EXPECT_EQ(NameOf<bool>(), "bool");
}

TEST(DataType, IsParsedFromItsName) {
  for (const char* name : {"float32", "int8", "bool", "bfloat16", "float32x4", "uint4"}) {
    EXPECT_EQ(DataTypeName(ParseDataType(name)), name);
  }
}

TEST(DataType, ANameThatIsNoneIsRefused) {
  const Error error = ThrownBy([] { ParseDataType("float33x"); });
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_TRUE(Contains(error.message(), "float33x")) << error.message();
}

TEST(DataType, IsComparedByAllThreeFields) {
  const DLDataType float32 = DataTypeOf<float>();
  EXPECT_TRUE(SameDataType(float32, {kDLFloat, 32, 1}));
  EXPECT_FALSE(SameDataType(float32, {kDLInt, 32, 1}));
  EXPECT_FALSE(SameDataType(float32, {kDLFloat, 16, 1}));
  EXPECT_FALSE(SameDataType(float32, {kDLFloat, 32, 2}));
}

TEST(DataType, AnElementTakesWholeBytes) {
  static_assert(ElementSize({kDLFloat, 32, 4}) == 16);
  static_assert(ElementSize({kDLInt, 4, 1}) == 1);
  static_assert(ElementSize({kDLUInt, 1, 9}) == 2);
  static_assert(ElementSize({kDLFloat, 64, 65535}) == 8 * size_t{65535});
}

}  // namespace
}  // namespace kiln::testing
