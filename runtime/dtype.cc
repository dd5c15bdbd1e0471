#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <kiln/dlpack.h>
#include <kiln/registry.h>

#include "runtime/argument.h"
#include "runtime/string.h"

namespace kiln::runtime {
namespace {

// From this code on, the meaning belongs to whoever registered a name for it.
constexpr int kFirstCustomCode = 129;

struct BaseType {
  std::string_view name;   // followed by bits, or nothing
  std::string_view brief;  // followed by bits; empty: none
  uint8_t code;
  uint8_t bits;  // where none are given
};

constexpr BaseType kBaseTypes[] = {
    {"int", "i", kDLInt, 32},        {"uint", "u", kDLUInt, 32},
    {"float", "f", kDLFloat, 32},    {"handle", "", kDLOpaqueHandle, 64},
    {"bfloat", "bf", kDLBfloat, 16}, {"bool", "b", static_cast<uint8_t>(kDLBool), 8},
};

// Floats of one byte or less. The code tells the width.
struct NarrowFloat {
  std::string_view width;
  std::string_view format;
  uint8_t code;
  uint8_t bits;
};

constexpr NarrowFloat kNarrowFloats[] = {
    {"8", "e3m4", kDLFloat8_e3m4, 8},
    {"8", "e4m3", kDLFloat8_e4m3, 8},
    {"8", "e4m3b11fnuz", kDLFloat8_e4m3b11fnuz, 8},
    {"8", "e4m3fn", kDLFloat8_e4m3fn, 8},
    {"8", "e4m3fnuz", kDLFloat8_e4m3fnuz, 8},
    {"8", "e5m2", kDLFloat8_e5m2, 8},
    {"8", "e5m2fnuz", kDLFloat8_e5m2fnuz, 8},
    {"8", "e8m0fnu", kDLFloat8_e8m0fnu, 8},
    {"6", "e2m3fn", kDLFloat6_e2m3fn, 6},
    {"6", "e3m2fn", kDLFloat6_e3m2fn, 6},
    {"4", "e2m1fn", kDLFloat4_e2m1fn, 4},
};

bool Consume(std::string_view& text, std::string_view prefix) noexcept {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool StartsWithDigit(std::string_view text) noexcept {
  return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

// A decimal number of at most `limit`. Nullopt if there is none, or a larger one.
std::optional<uint32_t> ConsumeNumber(std::string_view& text, uint32_t limit) noexcept {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > limit) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return number;
}

// The rest of a type's name: nothing, "x4", or, for the scalable vectors of `scalable` types,
// "xvscalex4". A scalable vector has the negative of its multiple as lanes.
std::optional<uint16_t> ParseLanes(std::string_view text, bool scalable) noexcept {
  if (text.empty()) return 1;
  if (scalable && Consume(text, "xvscale")) {
    if (text.empty()) return 1;
    if (!Consume(text, "x")) return std::nullopt;
    const auto multiple = ConsumeNumber(text, INT16_MAX + 1);
    if (!multiple || *multiple == 0 || !text.empty()) return std::nullopt;
    return static_cast<uint16_t>(-static_cast<int32_t>(*multiple));
  }
  if (!Consume(text, "x")) return std::nullopt;
  const auto lanes = ConsumeNumber(text, UINT16_MAX);
  if (!lanes || *lanes == 0 || !text.empty()) return std::nullopt;
  return static_cast<uint16_t>(*lanes);
}

// `text` follows the code's name: bits, then lanes.
std::optional<DLDataType> ParseBitsAndLanes(std::string_view text, uint8_t code,
                                            uint8_t default_bits) noexcept {
  uint8_t bits = default_bits;
  if (StartsWithDigit(text)) {
    const auto number = ConsumeNumber(text, UINT8_MAX);
    if (!number) return std::nullopt;
    if (*number != 0) bits = static_cast<uint8_t>(*number);
  }
  const auto lanes = ParseLanes(text, /*scalable=*/true);
  if (!lanes) return std::nullopt;
  return DLDataType{code, bits, *lanes};
}

// "float8_e4m3fn", "f8_...", "fp8_...". Nullopt if it is no narrow float.
std::optional<DLDataType> ParseNarrowFloat(std::string_view text) noexcept {
  if (!Consume(text, "float") && !Consume(text, "fp") && !Consume(text, "f")) return std::nullopt;
  for (const NarrowFloat& type : kNarrowFloats) {
    std::string_view rest = text;
    if (!Consume(rest, type.width) || !Consume(rest, "_") || !Consume(rest, type.format)) continue;
    // The packed type of PyTorch is written float4_e2m1fn_x2.
    if (type.code == kDLFloat4_e2m1fn) Consume(rest, "_");
    if (const auto lanes = ParseLanes(rest, /*scalable=*/false)) {
      return DLDataType{type.code, type.bits, *lanes};
    }
  }
  return std::nullopt;
}

std::optional<DLDataType> ParseBaseType(std::string_view text) noexcept {
  for (const BaseType& type : kBaseTypes) {
    std::string_view rest = text;
    const bool matches =
        Consume(rest, type.name) ||
        (!type.brief.empty() && Consume(rest, type.brief) && StartsWithDigit(rest));
    if (!matches) continue;
    if (const auto dtype = ParseBitsAndLanes(rest, type.code, type.bits)) return dtype;
  }
  return std::nullopt;
}

// "custom[name]8": `text` follows the bracket.
std::optional<DLDataType> ParseCustom(std::string_view text) {
  const size_t end = text.find(']');
  if (end == std::string_view::npos) return std::nullopt;
  const auto code_of = GlobalFunction::Find("dtype.get_custom_type_code");
  if (!code_of) return std::nullopt;
  const uint8_t code = (*code_of)(String(text.substr(0, end))).cast<uint8_t>();
  return ParseBitsAndLanes(text.substr(end + 1), code, 0);
}

DLDataType Parse(std::string_view text) {
  if (text.empty() || text == "void") return {static_cast<uint8_t>(kDLOpaqueHandle), 0, 0};
  std::optional<DLDataType> dtype;
  std::string_view rest = text;
  if (Consume(rest, "custom[")) {
    dtype = ParseCustom(rest);
  } else {
    dtype = ParseNarrowFloat(text);
    if (!dtype) dtype = ParseBaseType(text);
  }
  if (!dtype) {
    throw Error("ValueError", "unknown data type '" + std::string(text) +
                                  "'; write e.g. float32, int8, uint16x4, bool or bfloat16");
  }
  return *dtype;
}

std::string CustomName(int code) {
  const auto name_of = GlobalFunction::Find("dtype.get_custom_type_name");
  if (!name_of) {
    throw Error("ValueError", "data type code " + std::to_string(code) +
                                  " is custom, and no global function "
                                  "dtype.get_custom_type_name is registered to name it");
  }
  return "custom[" + (*name_of)(code).cast<std::string>() + "]";
}

// The name of the type code, and whether the name tells the bits.
std::string CodeName(DLDataType dtype, bool* tells_bits) {
  *tells_bits = false;
  for (const BaseType& type : kBaseTypes) {
    if (type.code != dtype.code) continue;
    *tells_bits = type.code == kDLOpaqueHandle ||
                  (type.code == static_cast<uint8_t>(kDLBool) && dtype.bits == type.bits);
    return std::string(type.name);
  }
  for (const NarrowFloat& type : kNarrowFloats) {
    if (type.code != dtype.code) continue;
    *tells_bits = true;
    return "float" + std::string(type.width) + "_" + std::string(type.format);
  }
  if (dtype.code >= kFirstCustomCode) return CustomName(dtype.code);
  throw Error("ValueError",
              "DLDataType contains unknown type_code=" + std::to_string(int{dtype.code}));
}

std::string Print(DLDataType dtype) {
  if (dtype.code == kDLOpaqueHandle) return dtype.bits == 0 && dtype.lanes == 0 ? "" : "handle";
  bool tells_bits = false;
  std::string text = CodeName(dtype, &tells_bits);
  if (!tells_bits) text += std::to_string(int{dtype.bits});
  const auto lanes = static_cast<int16_t>(dtype.lanes);
  if (lanes > 1) text += "x" + std::to_string(lanes);
  if (lanes < -1) text += "xvscalex" + std::to_string(-int{lanes});
  return text;
}

}  // namespace
}  // namespace kiln::runtime

extern "C" {

int TVMFFIDataTypeFromString(const TVMFFIByteArray* str, DLDataType* out) {
  return kiln::SafeCall(
      [&] { *out = kiln::runtime::Parse(kiln::runtime::RequiredText(str, "a data type's name")); });
}

// Always an object, however short the name: callers release the result as one.
int TVMFFIDataTypeToString(const DLDataType* dtype, TVMFFIAny* out) {
  return kiln::SafeCall([&] {
    TVMFFIAny text{};
    text.v_obj = kiln::runtime::MakeStringObject(
        kiln::runtime::Print(kiln::runtime::Required(dtype, "a data type")));
    text.type_index = kTVMFFIStr;
    *out = text;
  });
}

}  // extern "C"
