#include "jit/cli/element_type.h"

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <type_traits>

namespace kiln::cli {
namespace {

// 16 bits wide, the upper half of a float.
struct BFloat16 {
  uint16_t bits;
};

struct ElementType {
  std::string_view short_name;
  std::string_view name;
  DLDataType dtype;
};

constexpr ElementType kElementTypes[] = {
    {"f16", "float16", {kDLFloat, 16, 1}}, {"bf16", "bfloat16", {kDLBfloat, 16, 1}},
    {"f32", "float32", {kDLFloat, 32, 1}}, {"f64", "float64", {kDLFloat, 64, 1}},
    {"i8", "int8", {kDLInt, 8, 1}},        {"i16", "int16", {kDLInt, 16, 1}},
    {"i32", "int32", {kDLInt, 32, 1}},     {"i64", "int64", {kDLInt, 64, 1}},
    {"u8", "uint8", {kDLUInt, 8, 1}},      {"u16", "uint16", {kDLUInt, 16, 1}},
    {"u32", "uint32", {kDLUInt, 32, 1}},   {"u64", "uint64", {kDLUInt, 64, 1}},
    {"bool", "bool", {kDLBool, 8, 1}},
};

// Calls `body` with a value of the C++ type that has the layout of `dtype`.
template <typename Body>
auto WithElementType(DLDataType dtype, Body&& body) {
  switch (dtype.code) {
    case kDLFloat:
      if (dtype.bits == 16) return body(_Float16{});
      return dtype.bits == 32 ? body(float{}) : body(double{});
    case kDLBfloat:
      return body(BFloat16{});
    case kDLBool:
      return body(bool{});
    case kDLInt:
      if (dtype.bits == 8) return body(int8_t{});
      if (dtype.bits == 16) return body(int16_t{});
      return dtype.bits == 32 ? body(int32_t{}) : body(int64_t{});
    default:
      if (dtype.bits == 8) return body(uint8_t{});
      if (dtype.bits == 16) return body(uint16_t{});
      return dtype.bits == 32 ? body(uint32_t{}) : body(uint64_t{});
  }
}

template <typename T>
void Store(T value, void* element) {
  std::memcpy(element, &value, sizeof(T));
}

template <typename T>
constexpr bool kIsHalf = std::is_same_v<T, _Float16> || std::is_same_v<T, BFloat16>;

[[noreturn]] void ThrowOutOfRange(std::string_view text, DLDataType dtype) {
  std::string message = std::string(text) + " does not fit " + DataTypeName(dtype).str();
  WithElementType(dtype, [&]<typename T>(T) {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      message += ", which goes from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                 std::to_string(std::numeric_limits<T>::max());
    }
  });
  throw Error("ValueError", message);
}

// Rounds to nearest, ties to even. A value beyond the range becomes infinite.
template <typename T>
T Narrow(float value) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof(bits));
    if (std::isnan(value)) return {static_cast<uint16_t>((bits >> 16) | 0x40)};
    return {static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
  } else {
    return static_cast<T>(value);
  }
}

template <typename T>
float Widen(T value) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    const uint32_t bits = uint32_t{value.bits} << 16;
    float wide = 0;
    std::memcpy(&wide, &bits, sizeof(wide));
    return wide;
  } else {
    return static_cast<float>(value);
  }
}

template <typename T>
T ParseFloat(const std::string& text, DLDataType dtype) {
  char* end = nullptr;
  errno = 0;
  T value = 0;
  if constexpr (std::is_same_v<T, float>) {
    value = std::strtof(text.c_str(), &end);
  } else {
    value = std::strtod(text.c_str(), &end);
  }
  if (text.empty() || std::isspace(static_cast<unsigned char>(text[0])) ||
      end != text.c_str() + text.size()) {
    throw Error("ValueError", "'" + text + "' is not a number");
  }
  if (errno == ERANGE && std::isinf(value)) ThrowOutOfRange(text, dtype);
  return value;
}

// A minus sign is no part of an unsigned number, but "-1" is a number that does not fit.
bool IsNegativeNumber(std::string_view digits, int base) {
  int64_t ignored = 0;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), ignored, base);
  return digits.starts_with('-') && stop == digits.data() + digits.size() &&
         error != std::errc::invalid_argument;
}

template <typename T>
T ParseInteger(std::string_view text, DLDataType dtype) {
  std::string digits(text);
  const size_t sign = digits.starts_with('-') ? 1 : 0;
  const std::string_view prefix = std::string_view(digits).substr(sign, 2);
  const int base = prefix == "0x" || prefix == "0X" ? 16 : 10;
  if (base == 16 && !std::string_view(digits).substr(sign + 2).starts_with('-')) {
    digits.erase(sign, 2);
  }
  T value = 0;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error == std::errc::result_out_of_range) ThrowOutOfRange(text, dtype);
  if (error == std::errc() && stop == digits.data() + digits.size()) return value;
  if (std::is_unsigned_v<T> && IsNegativeNumber(digits, base)) ThrowOutOfRange(text, dtype);
  throw Error("ValueError", "'" + std::string(text) + "' is not an integer");
}

bool ParseBool(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  throw Error("ValueError", "'" + std::string(text) + "' is not a bool: write true or false");
}

template <typename T>
std::string ShortestText(T value) {
  const double magnitude = std::fabs(static_cast<double>(value));
  const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  char text[64];
  const auto [end, error] =
      plain ? std::to_chars(text, text + sizeof(text), value, std::chars_format::fixed)
            : std::to_chars(text, text + sizeof(text), value);
  return std::string(text, end);
}

template <typename T>
std::string HalfText(T value) {
  const float wide = Widen(value);
  if (!std::isfinite(wide)) return ShortestText(wide);
  char text[32];
  for (int digits = 1; digits < 9; ++digits) {
    std::snprintf(text, sizeof(text), "%.*g", digits, static_cast<double>(wide));
    const float rounded = std::strtof(text, nullptr);
    if (Widen(Narrow<T>(rounded)) == wide) return ShortestText(rounded);
  }
  return ShortestText(wide);
}

}  // namespace

std::optional<DLDataType> FindElementType(std::string_view name) {
  for (const ElementType& type : kElementTypes) {
    if (name == type.short_name || name == type.name) return type.dtype;
  }
  return std::nullopt;
}

bool HasTextForm(DLDataType dtype) {
  for (const ElementType& type : kElementTypes) {
    if (SameDataType(dtype, type.dtype)) return true;
  }
  return false;
}

std::string ElementTypeNames() {
  std::string names;
  for (const ElementType& type : kElementTypes) {
    if (!names.empty()) names += ", ";
    names += type.short_name;
  }
  return names;
}

void StoreText(DLDataType dtype, std::string_view text, void* element) {
  WithElementType(dtype, [&]<typename T>(T) {
    if constexpr (kIsHalf<T>) {
      const auto wide = ParseFloat<float>(std::string(text), dtype);
      const T value = Narrow<T>(wide);
      if (std::isfinite(wide) && std::isinf(Widen(value))) ThrowOutOfRange(text, dtype);
      Store(value, element);
    } else if constexpr (std::is_same_v<T, bool>) {
      Store(ParseBool(text), element);
    } else if constexpr (std::is_floating_point_v<T>) {
      Store(ParseFloat<T>(std::string(text), dtype), element);
    } else {
      Store(ParseInteger<T>(text, dtype), element);
    }
  });
}

void StoreInteger(DLDataType dtype, int64_t value, void* element) {
  WithElementType(dtype, [&]<typename T>(T) {
    if constexpr (kIsHalf<T>) {
      const T narrow = Narrow<T>(static_cast<float>(value));
      if (std::isinf(Widen(narrow))) ThrowOutOfRange(std::to_string(value), dtype);
      Store(narrow, element);
    } else if constexpr (std::is_floating_point_v<T>) {
      Store(static_cast<T>(value), element);
    } else {
      const auto narrow = static_cast<T>(value);
      const bool negative = std::is_unsigned_v<T> && value < 0;
      if (negative || static_cast<int64_t>(narrow) != value) {
        ThrowOutOfRange(std::to_string(value), dtype);
      }
      Store(narrow, element);
    }
  });
}

void StoreRandom(DLDataType dtype, uint64_t bits, void* element) {
  WithElementType(dtype, [&]<typename T>(T) {
    if constexpr (kIsHalf<T>) {
      Store(Narrow<T>(std::ldexp(static_cast<float>(bits >> 56), -8)), element);
    } else if constexpr (std::is_floating_point_v<T>) {
      constexpr int kDigits = std::numeric_limits<T>::digits;
      Store(std::ldexp(static_cast<T>(bits >> (64 - kDigits)), -kDigits), element);
    } else if constexpr (std::is_same_v<T, bool>) {
      Store((bits >> 63) != 0, element);
    } else {
      Store(static_cast<T>((bits >> 32) % 100), element);
    }
  });
}

std::string ElementText(DLDataType dtype, const void* element) {
  return WithElementType(dtype, [&]<typename T>(T value) -> std::string {
    if constexpr (std::is_same_v<T, bool>) {
      return *static_cast<const char*>(element) != 0 ? "true" : "false";
    } else {
      std::memcpy(&value, element, sizeof(T));
      if constexpr (kIsHalf<T>) {
        return HalfText(value);
      } else if constexpr (std::is_floating_point_v<T>) {
        return ShortestText(value);
      } else {
        return std::to_string(value);
      }
    }
  });
}

std::string FloatText(double value) { return ShortestText(value); }

}  // namespace kiln::cli
