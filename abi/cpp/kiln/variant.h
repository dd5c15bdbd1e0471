// Variant: a value that is of one of several types.
//
//   Variant<int64_t, String> id = "k1";
//   if (auto number = id.try_get<int64_t>()) ...
//
// A value whose kind an alternative has as it is becomes that one; else the first alternative that
// it converts to is taken. So an int cast to Variant<double, int64_t> stays an int, and one cast to
// Variant<double, String> becomes a float.
#ifndef KILN_VARIANT_H_
#define KILN_VARIANT_H_

#include <concepts>
#include <optional>
#include <string>
#include <utility>

#include "kiln/any.h"
#include "kiln/schema.h"

namespace kiln {

// Holds the value as an Any. Threads: as an Any.
template <typename... Ts>
class Variant {
  static_assert(sizeof...(Ts) > 0, "a variant has at least one alternative");
  static_assert(!(kIsView<Ts> || ...), "a variant owns its value");

 public:
  template <typename T>
  static constexpr bool kHas = (std::same_as<T, Ts> || ...);

  // The default of the first alternative.
  Variant() : value_(std::tuple_element_t<0, std::tuple<Ts...>>()) {}
  template <typename T>
    requires(kHas<T>)
  Variant(const T& value) : value_(value) {}  // NOLINT(google-explicit-constructor)
  // Text, where one alternative is a String.
  Variant(const char* text)  // NOLINT(google-explicit-constructor)
    requires(kHas<String>)
      : value_(text) {}

  // The kind of the value: a TVMFFITypeIndex, or the index of a registered type.
  int32_t type_index() const noexcept { return value_.type_index(); }

  // True if the value is of that type, without conversion.
  template <typename T>
    requires(kHas<T>)
  bool holds() const {
    return details::KeepsKind<T>(value_.raw());
  }
  // The value as that type. `get` throws TypeError where it does not convert.
  template <typename T>
    requires(kHas<T>)
  T get() const {
    return value_.cast<T>();
  }
  template <typename T>
    requires(kHas<T>)
  std::optional<T> try_get() const {
    return value_.try_cast<T>();
  }

  const Any& value() const noexcept { return value_; }

 private:
  friend struct TypeTraits<Variant>;
  explicit Variant(Any value) : value_(std::move(value)) {}

  Any value_;
};

template <typename... Ts>
struct TypeTraits<Variant<Ts...>> {
  static void View(const Variant<Ts...>& value, TVMFFIAny* out) noexcept {
    *out = value.value().raw();
  }
  static std::optional<Variant<Ts...>> From(const TVMFFIAny& any) {
    if ((details::KeepsKind<Ts>(any) || ...)) {
      return Variant<Ts...>(Any(AnyView::FromRaw(any)));
    }
    std::optional<Variant<Ts...>> variant;
    (Convert<Ts>(any, &variant) || ...);
    return variant;
  }
  static std::string Name() {
    std::string name = "Variant<";
    ((name.append(name.back() == '<' ? "" : ", ").append(TypeTraits<Ts>::Name())), ...);
    return name.append(">");
  }
  static std::string Schema() { return details::SchemaOf("Variant", {TypeSchema<Ts>()...}); }

 private:
  template <typename T>
  static bool Convert(const TVMFFIAny& any, std::optional<Variant<Ts...>>* variant) {
    const std::optional<T> value = TypeTraits<T>::From(any);
    if (value) *variant = Variant<Ts...>(*value);
    return value.has_value();
  }
};

}  // namespace kiln

#endif  // KILN_VARIANT_H_
