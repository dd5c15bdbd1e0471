// Data types of tensor elements: the DLDataType of a C++ type, comparison, and the spelling
// ("float32", "int8", "bool", "bfloat16", "float32x4").
#ifndef KILN_DTYPE_H_
#define KILN_DTYPE_H_

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "kiln/any.h"

namespace kiln {

// The DLDataType of an arithmetic C++ type.
template <typename T>
constexpr DLDataType DataTypeOf() noexcept {
  static_assert(std::is_arithmetic_v<T>, "only arithmetic types have a data type");
  constexpr uint8_t kBits = 8 * sizeof(T);
  if constexpr (std::is_same_v<T, bool>) {
    return {static_cast<uint8_t>(kDLBool), 8, 1};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {static_cast<uint8_t>(kDLFloat), kBits, 1};
  } else {
    return {static_cast<uint8_t>(std::is_signed_v<T> ? kDLInt : kDLUInt), kBits, 1};
  }
}

constexpr bool SameDataType(DLDataType a, DLDataType b) noexcept {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

// Bytes of one element, sub-byte types rounded up.
constexpr size_t ElementSize(DLDataType dtype) noexcept {
  return (size_t{dtype.bits} * dtype.lanes + 7) / 8;
}

// Throws ValueError if `text` spells no data type.
inline DLDataType ParseDataType(std::string_view text) {
  const TVMFFIByteArray bytes = details::ByteArrayOf(text);
  DLDataType dtype{};
  CheckCall(TVMFFIDataTypeFromString(&bytes, &dtype));
  return dtype;
}

inline String DataTypeName(DLDataType dtype) {
  Any name;
  CheckCall(TVMFFIDataTypeToString(&dtype, name.out()));
  return name.cast<String>();
}

}  // namespace kiln

#endif  // KILN_DTYPE_H_
