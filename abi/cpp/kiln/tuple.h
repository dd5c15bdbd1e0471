// Tuple: a fixed number of values of fixed types, immutable once shared.
//
//   Tuple<int64_t, String> pair(1, "one");
//   auto [number, text] = pair;
//
// On the wire it is an array. One of another length, or with an element of another type, does not
// convert.
#ifndef KILN_TUPLE_H_
#define KILN_TUPLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "kiln/array.h"

namespace kiln {

// Null only when moved from, or cast from None where all types have a default.
template <typename... Ts>
class Tuple : public ObjectRef {
 public:
  using ContainerType = ArrayObj;

  template <size_t I>
  using Element = std::tuple_element_t<I, std::tuple<Ts...>>;

  // Each element its type's default.
  Tuple()
    requires(std::is_default_constructible_v<Ts> && ...)
      : Tuple(Of(Ts()...)) {}
  explicit Tuple(const Ts&... values)
    requires(sizeof...(Ts) > 0)
      : Tuple(Of(values...)) {}
  explicit Tuple(ObjectPtr<ArrayObj> object) noexcept : ObjectRef(std::move(object)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Tuple(const std::tuple<Ts...>& values)
      : Tuple(std::apply([](const Ts&... each) { return Of(each...); }, values)) {}

  static constexpr size_t size() noexcept { return sizeof...(Ts); }

  // The element at that place. Throws IndexError if the tuple is null.
  template <size_t I>
  Element<I> get() const {
    if (!defined()) ThrowNull();
    return details::ReadElement<Element<I>>(object()->elements()[I]);
  }
  // Replaces an element. A tuple that another reference shares is copied first.
  template <size_t I>
  void Set(const Element<I>& value) {
    if (!defined()) ThrowNull();
    Any element(value);
    if (use_count() != 1) {
      *this = Tuple(ArrayObj::Make(size(), [&](size_t i) { return object()->elements()[i]; }));
    }
    std::swap(object()->elements()[I], element);
  }

  static bool Accepts(const TVMFFIAny& any) {
    return Matches(*reinterpret_cast<const TVMFFISeqCell*>(any.v_obj + 1),
                   std::index_sequence_for<Ts...>());
  }
  static std::optional<Tuple> FromOther(const TVMFFIAny& any) {
    if (any.type_index != kTVMFFIList || !Accepts(any)) return std::nullopt;
    const auto* cell = reinterpret_cast<const TVMFFISeqCell*>(any.v_obj + 1);
    return Tuple(
        ArrayObj::Make(size(), [&](size_t i) { return static_cast<const Any*>(cell->data)[i]; }));
  }
  static std::string Schema() { return details::SchemaOf("Tuple", {TypeSchema<Ts>()...}); }

 private:
  static ObjectPtr<ArrayObj> Of(const Ts&... values) {
    ObjectPtr<ArrayObj> array = ArrayObj::WithCapacity(sizeof...(Ts));
    (array->EmplaceEnd(values), ...);
    return array;
  }

  template <size_t... I>
  static bool Matches(const TVMFFISeqCell& cell, std::index_sequence<I...>) {
    if (cell.size != static_cast<int64_t>(sizeof...(Ts))) return false;
    [[maybe_unused]] const Any* const elements = static_cast<const Any*>(cell.data);
    return (TypeTraits<Ts>::From(elements[I].raw()).has_value() && ...);
  }

  [[noreturn]] static void ThrowNull() {
    throw Error("IndexError", "a null tuple has no elements");
  }

  ArrayObj* object() const noexcept { return static_cast<ArrayObj*>(ObjectRef::get()); }
};

template <typename... Ts>
Tuple(Ts...) -> Tuple<Ts...>;

}  // namespace kiln

template <typename... Ts>
struct std::tuple_size<kiln::Tuple<Ts...>> : std::integral_constant<size_t, sizeof...(Ts)> {};
template <size_t I, typename... Ts>
struct std::tuple_element<I, kiln::Tuple<Ts...>> {
  using type = std::tuple_element_t<I, std::tuple<Ts...>>;
};

#endif  // KILN_TUPLE_H_
