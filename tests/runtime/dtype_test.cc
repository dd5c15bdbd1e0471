#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <kiln/dlpack.h>
#include <kiln/dtype.h>
#include <kiln/registry.h>

namespace kiln {
namespace {

DLDataType Type(int code, int bits, int lanes = 1) {
  return {static_cast<uint8_t>(code), static_cast<uint8_t>(bits), static_cast<uint16_t>(lanes)};
}

struct Spelling {
  const char* text;
  DLDataType dtype;
};

TEST(DType, CanonicalSpellingsSurviveTheRoundTrip) {
  const Spelling spellings[] = {
      {"int32", Type(kDLInt, 32)},
      {"uint8", Type(kDLUInt, 8)},
      {"float16", Type(kDLFloat, 16)},
      {"float32x4", Type(kDLFloat, 32, 4)},
      {"bfloat16", Type(kDLBfloat, 16)},
      {"bool", Type(kDLBool, 8)},
      {"bool1", Type(kDLBool, 1)},
      {"boolx4", Type(kDLBool, 8, 4)},
      {"handle", Type(kDLOpaqueHandle, 64)},
      {"", Type(kDLOpaqueHandle, 0, 0)},
      {"int4x65535", Type(kDLInt, 4, 65535)},
      {"float8_e4m3fn", Type(kDLFloat8_e4m3fn, 8)},
      {"float8_e4m3b11fnuz", Type(kDLFloat8_e4m3b11fnuz, 8)},
      {"float6_e2m3fn", Type(kDLFloat6_e2m3fn, 6)},
      {"float4_e2m1fnx2", Type(kDLFloat4_e2m1fn, 4, 2)},
      {"int32xvscalex4", Type(kDLInt, 32, -4)},
  };
  for (const auto& [text, dtype] : spellings) {
    EXPECT_TRUE(SameDataType(ParseDataType(text), dtype)) << text;
    if (std::string_view(text) == "int4x65535")
      continue;  // those lanes read as -1: none are printed
    EXPECT_EQ(DataTypeName(dtype), text);
  }
}

TEST(DType, OtherSpellingsOfTheSameType) {
  const Spelling spellings[] = {
      {"int", Type(kDLInt, 32)},
      {"float", Type(kDLFloat, 32)},
      {"void", Type(kDLOpaqueHandle, 0, 0)},
      {"i8", Type(kDLInt, 8)},
      {"u64", Type(kDLUInt, 64)},
      {"f32x2", Type(kDLFloat, 32, 2)},
      {"bf16", Type(kDLBfloat, 16)},
      {"b8", Type(kDLBool, 8)},
      {"bfloat", Type(kDLBfloat, 16)},
      {"float8", Type(kDLFloat, 8)},
      {"int032", Type(kDLInt, 32)},
      {"int0", Type(kDLInt, 32)},
      {"f8_e5m2", Type(kDLFloat8_e5m2, 8)},
      {"fp8_e5m2", Type(kDLFloat8_e5m2, 8)},
      {"fp4_e2m1fn_x2", Type(kDLFloat4_e2m1fn, 4, 2)},
      {"float4_e2m1fn_", Type(kDLFloat4_e2m1fn, 4)},
      {"int8xvscale", Type(kDLInt, 8)},
  };
  for (const auto& [text, dtype] : spellings) {
    EXPECT_TRUE(SameDataType(ParseDataType(text), dtype)) << text;
  }
}

TEST(DType, WhatSpellsNoTypeIsRefused) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {"complex64"sv,
                                      "half"sv,
                                      "double"sv,
                                      "boolean"sv,
                                      "Float32"sv,
                                      " int8"sv,
                                      "int8 "sv,
                                      "int-8"sv,
                                      "int+8"sv,
                                      "int256"sv,
                                      "int8y"sv,
                                      "int8x"sv,
                                      "int8x0"sv,
                                      "int8x65536"sv,
                                      "int8x2x2"sv,
                                      "i"sv,
                                      "f"sv,
                                      "bf"sv,
                                      "b"sv,
                                      "x4"sv,
                                      "float8_"sv,
                                      "float8_e9"sv,
                                      "float8_e4m3fn8"sv,
                                      "float8_e4m3fnxvscalex4"sv,
                                      "int8\0"sv,
                                      "custom[nothing]8"sv,
                                      "custom[open"sv,
                                      "int18446744073709551617"sv,
                                      "int8xvscalex0"sv,
                                      "int8xvscale4"sv}) {
    EXPECT_THROW(ParseDataType(text), Error) << text;
  }
}

TEST(DType, UnknownCodeCannotBePrinted) {
  EXPECT_THROW(DataTypeName(Type(kDLComplex, 64)), Error);
  EXPECT_THROW(DataTypeName(Type(100, 8)), Error);
  EXPECT_THROW(DataTypeName(Type(200, 8)), Error);
}

TEST(DType, CustomTypesAreNamedByWhoRegisteredThem) {
  GlobalFunction::RegisterTyped("dtype.get_custom_type_code", [](const String& name) {
    return name == "posit" ? int64_t{150} : int64_t{151};
  });
  GlobalFunction::RegisterTyped("dtype.get_custom_type_name",
                                [](int64_t) { return String("posit"); });
  EXPECT_TRUE(SameDataType(ParseDataType("custom[posit]16x2"), Type(150, 16, 2)));
  EXPECT_EQ(DataTypeName(Type(150, 16, 2)), "custom[posit]16x2");
  GlobalFunction::Remove("dtype.get_custom_type_code");
  GlobalFunction::Remove("dtype.get_custom_type_name");
}

TEST(DType, NameIsAlwaysAnObject) {
  const DLDataType dtype = Type(kDLBool, 8);
  Any name;
  ASSERT_EQ(TVMFFIDataTypeToString(&dtype, name.out()), 0);
  EXPECT_EQ(name.type_index(), kTVMFFIStr);
}

}  // namespace
}  // namespace kiln
