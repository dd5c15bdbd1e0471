#include "jit/cli/element_type.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace kiln::cli {
namespace {

DLDataType TypeOf(std::string_view name) {
  const std::optional<DLDataType> dtype = FindElementType(name);
  if (!dtype) throw Error("KeyError", std::string(name));
  return *dtype;
}

// What `text` becomes when it is stored as an element of that type, and printed.
std::string RoundTrip(std::string_view type, std::string_view text) {
  const DLDataType dtype = TypeOf(type);
  uint64_t element = 0;
  StoreText(dtype, text, &element);
  return ElementText(dtype, &element);
}

uint16_t Bits(std::string_view type, std::string_view text) {
  uint16_t element = 0;
  StoreText(TypeOf(type), text, &element);
  return element;
}

std::string MessageOf(std::string_view type, std::string_view text) {
  try {
    return "no error: " + RoundTrip(type, text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "ValueError");
    return std::string(error.message());
  }
}

TEST(ElementType, HasAShortNameAndTheAbisName) {
  for (const auto& [shorter, longer] : {std::pair{"f16", "float16"},
                                        {"bf16", "bfloat16"},
                                        {"f32", "float32"},
                                        {"f64", "float64"},
                                        {"i8", "int8"},
                                        {"i64", "int64"},
                                        {"u8", "uint8"},
                                        {"u32", "uint32"},
                                        {"bool", "bool"}}) {
    EXPECT_EQ(DataTypeName(TypeOf(shorter)), longer);
    EXPECT_TRUE(SameDataType(TypeOf(shorter), TypeOf(longer))) << shorter;
    EXPECT_TRUE(HasTextForm(TypeOf(shorter))) << shorter;
  }
  EXPECT_FALSE(FindElementType("f8"));
  EXPECT_FALSE(FindElementType(""));
  EXPECT_FALSE(HasTextForm({kDLFloat, 32, 4}));
}

TEST(ElementType, ExtremesOfEveryIntegerReadAndPrint) {
  for (const auto& [type, text] : {std::pair{"i8", "-128"},
                                   {"i8", "127"},
                                   {"i16", "-32768"},
                                   {"i32", "2147483647"},
                                   {"i64", "-9223372036854775808"},
                                   {"u8", "255"},
                                   {"u16", "65535"},
                                   {"u32", "4294967295"},
                                   {"u64", "18446744073709551615"}}) {
    EXPECT_EQ(RoundTrip(type, text), text);
  }
  EXPECT_EQ(RoundTrip("u32", "0xffffffff"), "4294967295");
}

TEST(ElementType, IntegersOutOfRangeAreRefusedWithTheRange) {
  EXPECT_EQ(MessageOf("i8", "300"), "300 does not fit int8, which goes from -128 to 127");
  EXPECT_EQ(MessageOf("u8", "-1"), "-1 does not fit uint8, which goes from 0 to 255");
  EXPECT_EQ(MessageOf("i32", "2.5"), "'2.5' is not an integer");
  EXPECT_EQ(MessageOf("i32", ""), "'' is not an integer");
  EXPECT_EQ(MessageOf("i64", "0x"), "'0x' is not an integer");
  EXPECT_EQ(MessageOf("i64", "0x-5"), "'0x-5' is not an integer");
  EXPECT_EQ(MessageOf("bool", "2"), "'2' is not a bool: write true or false");
}

TEST(ElementType, FloatsPrintTheShortestTextThatReadsBack) {
  for (const char* text : {"0.1", "-2.5", "1", "16777216", "inf", "-inf", "nan", "1e+20", "-0"}) {
    EXPECT_EQ(RoundTrip("f32", text), text);
    EXPECT_EQ(RoundTrip("f64", text), text);
  }
  EXPECT_EQ(RoundTrip("f64", "0.30000000000000004"), "0.30000000000000004");
  EXPECT_EQ(RoundTrip("f32", "3.4028235e+38"), "3.4028235e+38");
  EXPECT_EQ(RoundTrip("f32", "1e-50"), "0");
  EXPECT_EQ(RoundTrip("f64", "100000"), "100000");
}

TEST(ElementType, FloatsOutOfRangeAreRefused) {
  EXPECT_EQ(MessageOf("f32", "1e40"), "1e40 does not fit float32");
  EXPECT_EQ(MessageOf("f64", "1e999"), "1e999 does not fit float64");
  EXPECT_EQ(MessageOf("f16", "65520"), "65520 does not fit float16");
  EXPECT_EQ(MessageOf("f32", "1.5x"), "'1.5x' is not a number");
  EXPECT_EQ(MessageOf("f32", " 1"), "' 1' is not a number");
  EXPECT_EQ(MessageOf("f32", ""), "'' is not a number");
}

TEST(ElementType, HalfTypesRoundToNearestEven) {
  EXPECT_EQ(Bits("f16", "1"), 0x3c00);
  EXPECT_EQ(Bits("f16", "65504"), 0x7bff);
  EXPECT_EQ(Bits("f16", "6e-8"), 0x0001);
  EXPECT_EQ(Bits("f16", "-inf"), 0xfc00);
  EXPECT_EQ(Bits("bf16", "1"), 0x3f80);
  EXPECT_EQ(Bits("bf16", "1.00390625"), 0x3f80);  // a tie: to even
  EXPECT_EQ(Bits("bf16", "1.01171875"), 0x3f82);
  EXPECT_EQ(Bits("bf16", "-3"), 0xc040);
  EXPECT_EQ(RoundTrip("bf16", "nan"), "nan");
}

TEST(ElementType, EveryHalfPrintsATextThatReadsBack) {
  for (const char* type : {"f16", "bf16"}) {
    const DLDataType dtype = TypeOf(type);
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
      const auto element = static_cast<uint16_t>(bits);
      const std::string text = ElementText(dtype, &element);
      if (text.ends_with("nan")) continue;
      ASSERT_EQ(Bits(type, text), element) << type << " " << text;
    }
  }
}

TEST(ElementType, StoreIntegerRefusesWhatTheTypeCanNotCount) {
  uint64_t element = 0;
  StoreInteger(TypeOf("i8"), 127, &element);
  EXPECT_THROW(StoreInteger(TypeOf("i8"), 128, &element), Error);
  EXPECT_THROW(StoreInteger(TypeOf("u64"), -1, &element), Error);
  EXPECT_THROW(StoreInteger(TypeOf("bool"), 2, &element), Error);
  EXPECT_THROW(StoreInteger(TypeOf("f16"), 100000, &element), Error);
}

TEST(ElementType, RandomElementsStayInTheirRange) {
  for (const uint64_t bits : {uint64_t{0}, std::numeric_limits<uint64_t>::max()}) {
    double wide = -1;
    StoreRandom(TypeOf("f64"), bits, &wide);
    EXPECT_TRUE(wide >= 0 && wide < 1);
    float narrow = -1;
    StoreRandom(TypeOf("f32"), bits, &narrow);
    EXPECT_TRUE(narrow >= 0 && narrow < 1);
    int8_t integer = -1;
    StoreRandom(TypeOf("i8"), bits, &integer);
    EXPECT_TRUE(integer >= 0 && integer < 100);
  }
}

}  // namespace
}  // namespace kiln::cli
