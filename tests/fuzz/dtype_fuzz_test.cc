// Names of data types: whatever is understood is printed as a name that means the same.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/dlpack.h>
#include <kiln/registry.h>

#include "tests/fuzz/raised.h"
#include "tests/fuzz/random.h"

namespace kiln::fuzz {
namespace {

// Nullopt if it is no name of a data type, which must be a ValueError.
std::optional<DLDataType> Parse(std::string_view text) {
  // A copy of just that size: a read behind its end is found.
  const std::vector<char> exact(text.begin(), text.end());
  const TVMFFIByteArray bytes{exact.data(), exact.size()};
  DLDataType dtype{255, 255, 255};
  if (TVMFFIDataTypeFromString(&bytes, &dtype) == 0) return dtype;
  EXPECT_EQ(TakeRaisedKind(), "ValueError") << text;
  EXPECT_EQ(dtype.code, 255) << "written to, although '" << text << "' is refused";
  return std::nullopt;
}

std::optional<std::string> Print(DLDataType dtype) {
  Any text;
  if (TVMFFIDataTypeToString(&dtype, text.out()) != 0) {
    EXPECT_EQ(TakeRaisedKind(), "ValueError");
    return std::nullopt;
  }
  EXPECT_EQ(text.type_index(), kTVMFFIStr);
  return text.cast<std::string>();
}

bool Same(DLDataType a, DLDataType b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

// What the name does not tell: the bits and lanes of a handle, and the one lane of a scalable
// vector. The reference prints them so.
bool IsPrintedInShort(DLDataType dtype) {
  return dtype.code == kDLOpaqueHandle || static_cast<int16_t>(dtype.lanes) == -1;
}

// Scalable vectors of narrow floats, which the reference prints and does not read.
bool IsPrintedOnly(DLDataType dtype) {
  const bool narrow = dtype.code >= kDLFloat8_e3m4 && dtype.code <= kDLFloat4_e2m1fn;
  return narrow && static_cast<int16_t>(dtype.lanes) < -1;
}

void CheckRoundTrip(DLDataType dtype) {
  const auto text = Print(dtype);
  ASSERT_TRUE(text.has_value());
  if (IsPrintedOnly(dtype)) return;
  const auto again = Parse(*text);
  ASSERT_TRUE(again.has_value()) << *text;
  EXPECT_EQ(Print(*again), text);
  if (!IsPrintedInShort(dtype)) {
    EXPECT_TRUE(Same(*again, dtype)) << *text;
  }
}

constexpr std::string_view kPieces[] = {"int",
                                        "uint",
                                        "float",
                                        "bfloat",
                                        "bool",
                                        "handle",
                                        "void",
                                        "i",
                                        "u",
                                        "f",
                                        "bf",
                                        "b",
                                        "fp",
                                        "x",
                                        "xvscale",
                                        "custom[",
                                        "]",
                                        "_",
                                        "8",
                                        "16",
                                        "32",
                                        "64",
                                        "0",
                                        "1",
                                        "255",
                                        "256",
                                        "65535",
                                        "65536",
                                        "32768",
                                        "32769",
                                        "99999999999999999999",
                                        "float8_e4m3fn",
                                        "float4_e2m1fn",
                                        "fp6_e3m2fn",
                                        "e5m2",
                                        "float8_e4m3b11fnuz",
                                        "-",
                                        " ",
                                        "\0x",
                                        "\xff",
                                        "int8",
                                        "float32x4"};

std::string Compose(Random& random) {
  std::string text;
  for (size_t pieces = random.Below(5); pieces-- > 0;) text += random.Of(kPieces);
  return text;
}

std::string Mutate(std::string text, Random& random) {
  for (size_t changes = 1 + random.Below(3); changes-- > 0 && !text.empty();) {
    const size_t at = random.Below(text.size());
    switch (random.Below(4)) {
      case 0:
        text.erase(at, 1 + random.Below(3));
        break;
      case 1:
        text[at] = static_cast<char>(random.Bits());
        break;
      case 2:
        text.insert(at, random.Of(kPieces));
        break;
      default:
        text[at] = static_cast<char>('0' + random.Below(10));
    }
  }
  return text;
}

TEST(DataTypeFuzz, WhatParsesPrintsAndParsesToTheSame) {
  Random random(1);
  int parsed = 0;
  for (int i = 0; i < 20000 * kEffort; ++i) {
    std::string text = Compose(random);
    if (random.OneIn(2)) text = Mutate(std::move(text), random);
    const auto dtype = Parse(text);
    if (!dtype) continue;
    ++parsed;
    SCOPED_TRACE(text);
    CheckRoundTrip(*dtype);
  }
  EXPECT_GT(parsed, 1000);
}

TEST(DataTypeFuzz, EveryCodeAndWidthIsPrintedOrRefused) {
  Random random(2);
  for (int code = 0; code < 256; ++code) {
    for (int bits = 0; bits < 256; ++bits) {
      const auto lanes = static_cast<uint16_t>(random.OneIn(2) ? 1 : random.Bits());
      const DLDataType dtype{static_cast<uint8_t>(code), static_cast<uint8_t>(bits), lanes};
      const auto text = Print(dtype);
      if (!text) continue;
      const auto again = Parse(*text);
      // No bits and no lanes is a type that can be printed, and no name that can be written.
      if (bits != 0 && lanes != 0 && !IsPrintedOnly(dtype)) {
        ASSERT_TRUE(again.has_value()) << *text;
      }
      if (again) {
        EXPECT_TRUE(Print(*again).has_value());
      }
    }
  }
}

// The names that a frontend registers for its own codes come from outside, too.
TEST(DataTypeFuzz, NamesOfCustomTypesAreAnything) {
  Random random(3);
  GlobalFunction::RegisterTyped("dtype.get_custom_type_name", [&](int64_t) -> Any {
    if (random.OneIn(10)) throw Error("KeyError", "no such type");
    if (random.OneIn(10)) return Any(random.Integer());
    return Any(Mutate("name", random));
  });
  GlobalFunction::RegisterTyped("dtype.get_custom_type_code", [&](const String&) -> Any {
    if (random.OneIn(10)) return Any("text");
    return Any(random.Integer());
  });
  for (int i = 0; i < 2000 * kEffort; ++i) {
    const DLDataType dtype{static_cast<uint8_t>(129 + random.Below(127)), 8, 1};
    Any text;
    if (TVMFFIDataTypeToString(&dtype, text.out()) != 0) {
      EXPECT_NE(TakeRaisedKind(), "");
      continue;
    }
    const auto name = text.cast<std::string>();
    const TVMFFIByteArray bytes{name.data(), name.size()};
    DLDataType again;
    if (TVMFFIDataTypeFromString(&bytes, &again) != 0) {
      EXPECT_NE(TakeRaisedKind(), "");
    }
  }
  GlobalFunction::Remove("dtype.get_custom_type_name");
  GlobalFunction::Remove("dtype.get_custom_type_code");
}

}  // namespace
}  // namespace kiln::fuzz
