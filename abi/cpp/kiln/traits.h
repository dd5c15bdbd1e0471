// How C++ types travel through the ABI: one `TypeTraits` specialisation a type.
//
// Here are those of None, numbers, pointers, DLPack's plain types, text, bytes and references. A
// header that defines another type brings its traits along.
#ifndef KILN_TRAITS_H_
#define KILN_TRAITS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "kiln/error.h"
#include "kiln/object.h"
#include "kiln/string.h"

namespace kiln {

// How a C++ type travels. A specialisation provides
//   static void View(const T& value, TVMFFIAny* out);     borrowed; `out` comes zeroed
//   static std::optional<T> From(const TVMFFIAny& any);   nullopt if the kind or range is wrong
//   static std::string Name();                            as error messages call the type
// and for its schema (kiln/schema.h), where that is not of Name alone, one of
//   static constexpr std::string_view kSchemaType;        another name
//   static std::string Schema();                          the whole schema
template <typename T, typename Enable = void>
struct TypeTraits;

// True of a type that points into the value it was taken from. No Any is made from such a type by
// accident, and none is taken from an Any that is about to die.
template <typename T>
inline constexpr bool kIsView = false;
template <>
inline constexpr bool kIsView<std::string_view> = true;

// The name of a kind as error messages give it: "int", "ffi.String", ...
inline std::string KindName(int32_t type_index) {
  if (type_index == kTVMFFISmallStr) return "ffi.String";
  if (type_index == kTVMFFISmallBytes) return "ffi.Bytes";
  // Asked for a number that no type has, a runtime may end the process.
  const bool plain = type_index >= kTVMFFINone && type_index <= kTVMFFIUnchanged;
  const bool object = type_index >= kTVMFFIStaticObjectBegin && type_index < kTVMFFIStaticObjectEnd;
  const TVMFFITypeInfo* info = plain || object || type_index >= kTVMFFIDynObjectBegin
                                   ? TVMFFIGetTypeInfo(type_index)
                                   : nullptr;
  if (info == nullptr) return details::Concat({"unknown type ", std::to_string(type_index)});
  return std::string(details::ViewOf(info->type_key));
}

namespace details {

// True if a value of kind SmallStr or SmallBytes has a length that it can hold.
inline bool FitsInline(const TVMFFIAny& any) noexcept {
  return any.small_str_len < sizeof(any.v_bytes);
}

// True if a value of kind ByteArrayPtr points to bytes, or to none of length 0.
inline bool HasContent(const TVMFFIAny& any) noexcept {
  const auto* bytes = static_cast<const TVMFFIByteArray*>(any.v_ptr);
  return bytes != nullptr && (bytes->data != nullptr || bytes->size == 0);
}

}  // namespace details

// What `any` is, for an error message: its kind, its value where that is a number, and what is
// wrong with it where it is text that nobody can read.
inline std::string Describe(const TVMFFIAny& any) {
  std::string text = KindName(any.type_index);
  switch (any.type_index) {
    case kTVMFFIInt:
      text.append(1, ' ').append(std::to_string(any.v_int64));
      break;
    case kTVMFFIRawStr:
      if (any.v_c_str == nullptr) text.append(" that is null");
      break;
    case kTVMFFIByteArrayPtr:
      if (!details::HasContent(any)) text.append(" that is null");
      break;
    case kTVMFFISmallStr:
    case kTVMFFISmallBytes:
      if (!details::FitsInline(any)) {
        text.append(" that claims to hold ").append(std::to_string(any.small_str_len));
        text.append(" bytes inline, at most 7 fit");
      }
      break;
    default:
      break;
  }
  return text;
}

template <>
struct TypeTraits<std::nullptr_t> {
  static void View(std::nullptr_t, TVMFFIAny* out) noexcept { out->type_index = kTVMFFINone; }
  static std::optional<std::nullptr_t> From(const TVMFFIAny& any) noexcept {
    if (any.type_index != kTVMFFINone) return std::nullopt;
    return nullptr;
  }
  static std::string Name() { return "None"; }
};

template <>
struct TypeTraits<bool> {
  static void View(bool value, TVMFFIAny* out) noexcept {
    out->type_index = kTVMFFIBool;
    out->v_int64 = value ? 1 : 0;
  }
  static std::optional<bool> From(const TVMFFIAny& any) noexcept {
    if (any.type_index != kTVMFFIBool && any.type_index != kTVMFFIInt) return std::nullopt;
    return any.v_int64 != 0;
  }
  static std::string Name() { return "bool"; }
};

// Integers and enumerations. A value that the type can't hold does not convert; only uint64_t takes
// the whole 64-bit pattern, both ways, because the ABI's int is signed.
template <typename T>
struct TypeTraits<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>> {
  static void View(T value, TVMFFIAny* out) noexcept {
    out->type_index = kTVMFFIInt;
    out->v_int64 = static_cast<int64_t>(value);  // NOLINT(bugprone-signed-char-misuse)
  }
  static std::optional<T> From(const TVMFFIAny& any) noexcept {
    if (any.type_index != kTVMFFIInt && any.type_index != kTVMFFIBool) return std::nullopt;
    if constexpr (sizeof(T) < sizeof(int64_t)) {
      if (any.v_int64 < int64_t{std::numeric_limits<T>::min()} ||
          any.v_int64 > int64_t{std::numeric_limits<T>::max()}) {
        return std::nullopt;
      }
    }
    return static_cast<T>(any.v_int64);
  }
  static constexpr std::string_view kSchemaType = "int";
  static std::string Name() {
    if constexpr (sizeof(T) == sizeof(int64_t)) return "int";
    return details::Concat({std::is_signed_v<T> ? "int (" : "unsigned int (",
                            std::to_string(8 * sizeof(T)), " bits)"});
  }
};

template <typename T>
struct TypeTraits<T, std::enable_if_t<std::is_enum_v<T>>> {
  using Underlying = TypeTraits<std::underlying_type_t<T>>;
  static void View(T value, TVMFFIAny* out) noexcept {
    Underlying::View(static_cast<std::underlying_type_t<T>>(value), out);
  }
  static std::optional<T> From(const TVMFFIAny& any) noexcept {
    const auto value = Underlying::From(any);
    if (!value) return std::nullopt;
    return static_cast<T>(*value);
  }
  static constexpr std::string_view kSchemaType = "int";
  static std::string Name() { return Underlying::Name(); }
};

template <typename T>
struct TypeTraits<T, std::enable_if_t<std::is_floating_point_v<T>>> {
  static void View(T value, TVMFFIAny* out) noexcept {
    out->type_index = kTVMFFIFloat;
    out->v_float64 = static_cast<double>(value);
  }
  static std::optional<T> From(const TVMFFIAny& any) noexcept {
    if (any.type_index == kTVMFFIFloat) return static_cast<T>(any.v_float64);
    if (any.type_index == kTVMFFIInt || any.type_index == kTVMFFIBool) {
      return static_cast<T>(any.v_int64);
    }
    return std::nullopt;
  }
  static std::string Name() { return "float"; }
};

template <>
struct TypeTraits<void*> {
  static void View(void* value, TVMFFIAny* out) noexcept {
    out->type_index = value == nullptr ? kTVMFFINone : kTVMFFIOpaquePtr;
    out->v_ptr = value;
  }
  static std::optional<void*> From(const TVMFFIAny& any) noexcept {
    if (any.type_index == kTVMFFINone) return nullptr;
    if (any.type_index != kTVMFFIOpaquePtr) return std::nullopt;
    return any.v_ptr;
  }
  static std::string Name() { return "void*"; }
};

template <>
struct TypeTraits<DLDevice> {
  static void View(DLDevice value, TVMFFIAny* out) noexcept {
    out->type_index = kTVMFFIDevice;
    out->v_device = value;
  }
  static std::optional<DLDevice> From(const TVMFFIAny& any) noexcept {
    if (any.type_index != kTVMFFIDevice) return std::nullopt;
    return any.v_device;
  }
  static std::string Name() { return "Device"; }
};

template <>
struct TypeTraits<DLDataType> {
  static void View(DLDataType value, TVMFFIAny* out) noexcept {
    out->type_index = kTVMFFIDataType;
    out->v_dtype = value;
  }
  static std::optional<DLDataType> From(const TVMFFIAny& any) noexcept {
    if (any.type_index != kTVMFFIDataType) return std::nullopt;
    return any.v_dtype;
  }
  static std::string Name() { return "DataType"; }
};

// A borrowed string, whatever its representation. Valid as long as the value that it came from.
template <>
struct TypeTraits<std::string_view> {
  // Only `From`: a view is zero-terminated, which this text need not be.
  static std::optional<std::string_view> From(const TVMFFIAny& any) noexcept {
    switch (any.type_index) {
      case kTVMFFIRawStr:
        if (any.v_c_str == nullptr) return std::nullopt;
        return std::string_view(any.v_c_str);
      case kTVMFFISmallStr:
        if (!details::FitsInline(any)) return std::nullopt;
        return std::string_view(any.v_bytes, any.small_str_len);
      case kTVMFFIStr:
        return details::ViewOf(*TVMFFIBytesGetByteArrayPtr(any.v_obj));
      default:
        return std::nullopt;
    }
  }
  static std::string Name() { return "ffi.String"; }
};

template <>
struct TypeTraits<String> {
  static void View(const String& value, TVMFFIAny* out) noexcept { *out = value.raw(); }
  static std::optional<String> From(const TVMFFIAny& any) {
    const auto text = TypeTraits<std::string_view>::From(any);
    if (!text) return std::nullopt;
    if (any.type_index != kTVMFFIStr) return String(*text);
    details::RetainStrong(any.v_obj);
    return String(String::Adopt(any));
  }
  static std::string Name() { return "ffi.String"; }
};

template <>
struct TypeTraits<std::string> {
  // Throws ValueError where the text holds a zero byte: the view would end there.
  static void View(const std::string& value, TVMFFIAny* out) {
    const size_t zero = value.find('\0');
    if (zero != std::string::npos) {
      throw Error("ValueError",
                  details::Concat({"the text has a zero byte at offset ", std::to_string(zero),
                                   ", where a view of it would end; make a kiln::String of it"}));
    }
    out->type_index = kTVMFFIRawStr;
    out->v_c_str = value.c_str();
  }
  static std::optional<std::string> From(const TVMFFIAny& any) {
    const auto text = TypeTraits<std::string_view>::From(any);
    if (!text) return std::nullopt;
    return std::string(*text);
  }
  static std::string Name() { return "ffi.String"; }
};

template <>
struct TypeTraits<Bytes> {
  static void View(const Bytes& value, TVMFFIAny* out) noexcept { *out = value.raw(); }
  static std::optional<Bytes> From(const TVMFFIAny& any) {
    switch (any.type_index) {
      case kTVMFFIByteArrayPtr:
        if (!details::HasContent(any)) return std::nullopt;
        return Bytes(details::ViewOf(*static_cast<const TVMFFIByteArray*>(any.v_ptr)));
      case kTVMFFISmallBytes:
        if (!details::FitsInline(any)) return std::nullopt;
        return Bytes(Bytes::Adopt(any));
      case kTVMFFIBytes:
        details::RetainStrong(any.v_obj);
        return Bytes(Bytes::Adopt(any));
      default:
        return std::nullopt;
    }
  }
  static std::string Name() { return "ffi.Bytes"; }
};

// References. None converts to a null reference; every object converts to ObjectRef, and an object
// of a subclass to the reference of its base. A class may look closer at objects of its kind, with
// `static bool T::Accepts(const TVMFFIAny&)`, take those of others, with
// `static std::optional<T> T::FromOther(const TVMFFIAny&)`, and describe itself, with
// `static std::string T::Schema()`.
template <typename T>
struct TypeTraits<T, std::enable_if_t<std::is_base_of_v<ObjectRef, T>>> {
  using Container = typename T::ContainerType;
  static void View(const T& value, TVMFFIAny* out) noexcept {
    out->type_index = value.type_index();
    out->v_obj = value.handle();
  }
  static std::optional<T> From(const TVMFFIAny& any) {
    if (any.type_index == kTVMFFINone && std::is_default_constructible_v<T>) {
      return T(ObjectPtr<Container>());
    }
    if (any.type_index < kTVMFFIStaticObjectBegin) [[unlikely]] {
      return FromMovable(any);
    }
    if (!details::IsInstance<Container>(any.type_index)) {
      if constexpr (requires { T::FromOther(any); }) return T::FromOther(any);
      return std::nullopt;
    }
    if constexpr (requires { T::Accepts(any); }) {
      if (!T::Accepts(any)) return std::nullopt;
    }
    return T(ObjectPtr<Container>::ShareHandle(any.v_obj));
  }
  static std::string Name() { return KindName(details::TypeIndexOf<Container>()); }
  static std::string Schema()
    requires(requires { T::Schema(); })
  {
    return T::Schema();
  }

 private:
  // What the caller offers to move (kiln/rvalue_ref.h) is shared with those who do not take it.
  [[gnu::noinline, gnu::cold]] static std::optional<T> FromMovable(const TVMFFIAny& any) {
    if (any.type_index != kTVMFFIObjectRValueRef) return std::nullopt;
    TVMFFIObject* const object = *static_cast<TVMFFIObject**>(any.v_ptr);
    if (object == nullptr) return std::nullopt;
    TVMFFIAny shared{};
    shared.type_index = object->type_index;
    shared.v_obj = object;
    return From(shared);
  }
};

// An object without a count of its own: valid as long as the value that it came from. Null is None.
template <typename T>
struct TypeTraits<T*, std::enable_if_t<std::is_base_of_v<Object, T>>> {
  static void View(T* value, TVMFFIAny* out) noexcept {
    if (value == nullptr) return;
    out->type_index = value->type_index();
    out->v_obj = const_cast<TVMFFIObject*>(value->header());
  }
  static std::optional<T*> From(const TVMFFIAny& any) {
    if (any.type_index == kTVMFFINone) return nullptr;
    if (!details::IsInstance<std::remove_const_t<T>>(any.type_index)) return std::nullopt;
    return static_cast<T*>(static_cast<Object*>(static_cast<void*>(any.v_obj)));
  }
  static std::string Name() { return KindName(details::TypeIndexOf<T>()); }
};
template <typename T>
  requires(std::is_base_of_v<Object, T>)
inline constexpr bool kIsView<T*> = true;

}  // namespace kiln

#endif  // KILN_TRAITS_H_
