// Optional: a value that may be absent. Absence is None on the wire.
//
//   Optional<String> name = ...;
//   if (name) Use(*name);
//
// Layout: an Optional of a reference, a String or a Bytes is as wide as that, its null state
// meaning absence, as the ABI's virtual functions have it. Of other types it is a std::optional.
#ifndef KILN_OPTIONAL_H_
#define KILN_OPTIONAL_H_

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "kiln/any.h"
#include "kiln/schema.h"
#include "kiln/string.h"

namespace kiln {
namespace details {

// Where an Optional keeps its value: in the null state of the type, if it has one.
template <typename T>
class NullableSlot {
  static constexpr bool kIsReference = std::is_base_of_v<ObjectRef, T>;

 public:
  NullableSlot() : value_(Null()) {}
  explicit NullableSlot(T value) : value_(std::move(value)) {}
  bool has_value() const noexcept {
    if constexpr (kIsReference) {
      return value_.defined();
    } else {
      return !value_.absent();
    }
  }
  const T& operator*() const noexcept { return value_; }
  T& operator*() noexcept { return value_; }

 private:
  static T Null() {
    if constexpr (kIsReference) {
      return T(ObjectPtr<typename T::ContainerType>());
    } else {
      return T(Absent{});
    }
  }

  T value_;
};

template <typename T>
inline constexpr bool kHasNullState =
    std::is_base_of_v<ObjectRef, T> || std::is_same_v<T, String> || std::is_same_v<T, Bytes>;

}  // namespace details

template <typename T>
class Optional {
 public:
  using value_type = T;

  Optional() = default;
  // NOLINTBEGIN(google-explicit-constructor)
  Optional(std::nullopt_t) {}
  Optional(T value) : slot_(std::move(value)) {}
  template <std::same_as<std::optional<T>> Other>
  Optional(Other value) {
    if (value) slot_ = Slot(*std::move(value));
  }
  // NOLINTEND(google-explicit-constructor)

  bool has_value() const noexcept { return slot_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  // Precondition of the four: has_value().
  const T& operator*() const& noexcept { return *slot_; }
  T& operator*() & noexcept { return *slot_; }
  T&& operator*() && noexcept { return std::move(*slot_); }
  const T* operator->() const noexcept { return &*slot_; }

  // Throws ValueError if there is none.
  const T& value() const& {
    if (has_value()) return *slot_;
    throw Error("ValueError",
                details::Concat({"expected a value, got an absent ", TypeTraits<T>::Name()}));
  }
  T value_or(T other) const { return has_value() ? *slot_ : std::move(other); }
  void reset() { slot_ = Slot(); }

  // Two absent ones are equal. References are compared by their own rule, or as objects.
  friend bool operator==(const Optional& a, const Optional& b) {
    if (!a.has_value() || !b.has_value()) return a.has_value() == b.has_value();
    if constexpr (requires { *a == *b; }) {
      return *a == *b;
    } else {
      return a->same_as(*b);
    }
  }
  friend bool operator==(const Optional& a, std::nullopt_t) noexcept { return !a.has_value(); }

 private:
  using Slot =
      std::conditional_t<details::kHasNullState<T>, details::NullableSlot<T>, std::optional<T>>;
  Slot slot_;
};

template <typename T>
inline constexpr bool kIsView<Optional<T>> = kIsView<T>;

template <typename T>
struct TypeTraits<Optional<T>> {
  static void View(const Optional<T>& value, TVMFFIAny* out) {
    if (value) TypeTraits<T>::View(*value, out);
  }
  static std::optional<Optional<T>> From(const TVMFFIAny& any) {
    if (any.type_index == kTVMFFINone) return Optional<T>();
    std::optional<T> value = TypeTraits<T>::From(any);
    if (!value) return std::nullopt;
    return Optional<T>(*std::move(value));
  }
  static std::string Name() { return details::Concat({"Optional<", TypeTraits<T>::Name(), ">"}); }
  static std::string Schema() { return details::SchemaOf("Optional", {TypeSchema<T>()}); }
};

// std::optional travels the same way.
template <typename T>
struct TypeTraits<std::optional<T>> {
  static void View(const std::optional<T>& value, TVMFFIAny* out) {
    if (value) TypeTraits<T>::View(*value, out);
  }
  static std::optional<std::optional<T>> From(const TVMFFIAny& any) {
    if (any.type_index == kTVMFFINone) return std::make_optional<std::optional<T>>();
    std::optional<T> value = TypeTraits<T>::From(any);
    if (!value) return std::nullopt;
    return std::make_optional(std::move(value));
  }
  static std::string Name() { return TypeTraits<Optional<T>>::Name(); }
  static std::string Schema() { return TypeTraits<Optional<T>>::Schema(); }
};
template <typename T>
inline constexpr bool kIsView<std::optional<T>> = kIsView<T>;

}  // namespace kiln

#endif  // KILN_OPTIONAL_H_
