// Optional: a reference or string that may be absent, in the layout of the ABI's virtual functions:
// as wide as the value itself, absence being its null state.
#ifndef KILN_OPTIONAL_H_
#define KILN_OPTIONAL_H_

#include <optional>
#include <type_traits>
#include <utility>

#include "kiln/string.h"

namespace kiln {

template <typename T>
class Optional {
  static constexpr bool kIsReference = std::is_base_of_v<ObjectRef, T>;
  static_assert(kIsReference || std::is_same_v<T, String> || std::is_same_v<T, Bytes>,
                "only references and strings have a null state");

 public:
  Optional() : value_(Null()) {}
  // NOLINTBEGIN(google-explicit-constructor)
  Optional(std::nullopt_t) : Optional() {}
  Optional(T value) : value_(std::move(value)) {}
  // NOLINTEND(google-explicit-constructor)

  bool has_value() const noexcept {
    if constexpr (kIsReference) {
      return value_.defined();
    } else {
      return !value_.absent();
    }
  }
  explicit operator bool() const noexcept { return has_value(); }

  // Precondition: has_value().
  const T& operator*() const noexcept { return value_; }
  const T* operator->() const noexcept { return &value_; }

 private:
  static T Null() {
    if constexpr (kIsReference) {
      return T(ObjectPtr<typename T::ContainerType>());
    } else {
      return T(details::Absent{});
    }
  }

  T value_;
};

}  // namespace kiln

#endif  // KILN_OPTIONAL_H_
