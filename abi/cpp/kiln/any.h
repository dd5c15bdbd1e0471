// Values of the ABI: `AnyView` borrows one, `Any` owns one. Both are 16 bytes: a kind and a
// payload.
//
// Any C++ type with a `TypeTraits` specialisation (kiln/traits.h) converts to and from them.
// Conversions out check the kind and the range, and never truncate:
//   any.cast<int32_t>()      the value, or TypeError
//   any.try_cast<int32_t>()  the value, or nullopt
// Conversions that keep the meaning are made: int to float, bool to int, a Tensor where a tensor
// view is asked for. A view is valid as long as what it was made from.
#ifndef KILN_ANY_H_
#define KILN_ANY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "kiln/error.h"
#include "kiln/object.h"
#include "kiln/string.h"
#include "kiln/traits.h"

namespace kiln {

class AnyView;
class Any;

template <typename T>
concept AnyConvertible =
    !std::is_same_v<T, AnyView> && !std::is_same_v<T, Any> &&
    requires(const T& value, TVMFFIAny* out) { TypeTraits<T>::View(value, out); };

template <>
inline constexpr bool kIsView<AnyView> = true;

namespace details {

[[noreturn, gnu::cold, gnu::noinline]] inline void ThrowKind(std::string (*expected)(),
                                                             const TVMFFIAny& found) {
  throw Error("TypeError", Concat({"expected ", expected(), ", got ", Describe(found)}));
}

template <typename T>
T CastOrThrow(const TVMFFIAny& any) {
  std::optional<T> value = TypeTraits<T>::From(any);
  if (!value) [[unlikely]] {
    ThrowKind(&TypeTraits<T>::Name, any);
  }
  return *std::move(value);
}

// True if a value converts to a `T` and is of the same kind as that.
template <typename T>
bool KeepsKind(const TVMFFIAny& any) {
  const std::optional<T> value = TypeTraits<T>::From(any);
  if (!value) return false;
  TVMFFIAny view{};
  TypeTraits<T>::View(*value, &view);
  return view.type_index == any.type_index;
}

}  // namespace details

// A borrowed value. Trivially copyable: pass it by value.
class AnyView {
 public:
  AnyView() noexcept : any_{} {}
  template <AnyConvertible T>
  AnyView(const T& value) : any_{} {  // NOLINT(google-explicit-constructor)
    TypeTraits<T>::View(value, &any_);
  }
  // A null pointer is None.
  AnyView(const char* text) noexcept : any_{} {  // NOLINT(google-explicit-constructor)
    if (text == nullptr) return;
    any_.type_index = kTVMFFIRawStr;
    any_.v_c_str = text;
  }
  static AnyView FromRaw(const TVMFFIAny& any) noexcept {
    AnyView view;
    view.any_ = any;
    return view;
  }

  int32_t type_index() const noexcept { return any_.type_index; }
  bool is_none() const noexcept { return any_.type_index == kTVMFFINone; }

  template <typename T>
  T cast() const {
    return details::CastOrThrow<T>(any_);
  }
  template <typename T>
  std::optional<T> try_cast() const {
    return TypeTraits<T>::From(any_);
  }

  const TVMFFIAny& raw() const noexcept { return any_; }

 private:
  TVMFFIAny any_;
};

static_assert(sizeof(AnyView) == sizeof(TVMFFIAny) && std::is_trivially_copyable_v<AnyView>);

// An owned value: a plain one, or one strong count of an object. Text and byte arrays are copied
// when an Any is made from them; an address (`void*`, or a `DLTensor*` in an AnyView) stays an
// address.
class Any {
 public:
  Any() noexcept : any_{} {}
  Any(const Any& other) noexcept : any_(other.any_) {
    if (holds_object()) details::RetainStrong(any_.v_obj);
  }
  Any(Any&& other) noexcept : any_(std::exchange(other.any_, TVMFFIAny{})) {}
  // NOLINTBEGIN(google-explicit-constructor)
  Any(AnyView view) : any_{} { CheckCall(TVMFFIAnyViewToOwnedAny(&view.raw(), &any_)); }
  Any(const char* text) : Any(AnyView(text)) {}
  Any(std::string_view text) : any_(String(text).release()) {}
  Any(const std::string& text) : Any(std::string_view(text)) {}
  template <AnyConvertible T>
  Any(const T& value) : any_{} {
    TypeTraits<T>::View(value, &any_);
    if (holds_object()) {
      details::RetainStrong(any_.v_obj);
    } else if (any_.type_index == kTVMFFIRawStr || any_.type_index == kTVMFFIByteArrayPtr) {
      *this = Any(AnyView::FromRaw(std::exchange(any_, TVMFFIAny{})));
    }
  }
  template <AnyConvertible T>
    requires(kIsView<T>)
  Any(const T& value) = delete;
  // NOLINTEND(google-explicit-constructor)
  ~Any() {
    if (holds_object()) details::ReleaseStrong(any_.v_obj);
  }
  Any& operator=(Any other) noexcept {
    std::swap(any_, other.any_);
    return *this;
  }

  // Takes over the value, and the strong count where it is an object.
  static Any Adopt(const TVMFFIAny& any) noexcept {
    Any owned;
    owned.any_ = any;
    return owned;
  }

  int32_t type_index() const noexcept { return any_.type_index; }
  bool is_none() const noexcept { return any_.type_index == kTVMFFINone; }

  template <typename T>
  T cast() const& {
    return details::CastOrThrow<T>(any_);
  }
  template <typename T>
  std::optional<T> try_cast() const& {
    return TypeTraits<T>::From(any_);
  }
  // A view into a temporary would dangle: give the Any a name first, or cast to a type that owns.
  template <typename T>
    requires(kIsView<T>)
  T cast() && = delete;
  template <typename T>
    requires(kIsView<T>)
  std::optional<T> try_cast() && = delete;

  operator AnyView() const noexcept {  // NOLINT(google-explicit-constructor)
    return AnyView::FromRaw(any_);
  }
  const TVMFFIAny& raw() const noexcept { return any_; }
  // Where a C function stores a result. Holds none before; what is stored is owned.
  TVMFFIAny* out() noexcept {
    *this = Any();
    return &any_;
  }
  // The value with its strong count; this one is none afterwards.
  TVMFFIAny release() noexcept { return std::exchange(any_, TVMFFIAny{}); }

 private:
  bool holds_object() const noexcept { return any_.type_index >= kTVMFFIStaticObjectBegin; }

  TVMFFIAny any_;
};

static_assert(sizeof(Any) == sizeof(TVMFFIAny));

template <>
struct TypeTraits<AnyView> {
  static std::optional<AnyView> From(const TVMFFIAny& any) noexcept {
    return AnyView::FromRaw(any);
  }
  static constexpr std::string_view kSchemaType = "Any";
  static std::string Name() { return "any value"; }
};

template <>
struct TypeTraits<Any> {
  static std::optional<Any> From(const TVMFFIAny& any) { return Any(AnyView::FromRaw(any)); }
  static constexpr std::string_view kSchemaType = "Any";
  static std::string Name() { return "any value"; }
};

}  // namespace kiln

#endif  // KILN_ANY_H_
