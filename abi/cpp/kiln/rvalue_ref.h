// RValueRef: an argument that the callee may take for good, so that it can change an object that is
// copied on write without a copy.
//
//   auto append = Function::FromTyped([](RValueRef<Array<int64_t>> given, int64_t value) {
//     Array<int64_t> array = std::move(given).value();
//     array.push_back(value);  // no copy, where nobody else holds the array
//     return array;
//   });
//   array = append(RValueRef(std::move(array)), 3).cast<Array<int64_t>>();
//
// Either side may do without: a plain argument reaches an RValueRef parameter shared, and so does
// an RValueRef a plain parameter.
//
// On the wire it is the address of the caller's handle, which the callee empties.
#ifndef KILN_RVALUE_REF_H_
#define KILN_RVALUE_REF_H_

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "kiln/any.h"
#include "kiln/schema.h"

namespace kiln {

// Holds a reference of the class `Ref` until it is taken. Valid for one call; not for two threads.
template <typename Ref>
class RValueRef {
  static_assert(std::is_base_of_v<ObjectRef, Ref>, "only references can be moved to a callee");

 public:
  explicit RValueRef(Ref&& reference) noexcept : handle_(reference.release_handle()) {}
  RValueRef(RValueRef&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  RValueRef& operator=(RValueRef&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~RValueRef() {
    if (handle_ != nullptr) details::ReleaseStrong(handle_);
  }

  // The reference, which this one gives away.
  Ref value() && noexcept {
    using Container = typename Ref::ContainerType;
    return Ref(ObjectPtr<Container>::AdoptHandle(std::exchange(handle_, nullptr)));
  }
  Ref operator*() && noexcept { return std::move(*this).value(); }

 private:
  friend struct TypeTraits<RValueRef>;
  mutable TVMFFIObject* handle_;  // a callee takes it out of an argument that is const
};

template <typename Ref>
inline constexpr bool kIsView<RValueRef<Ref>> = true;

template <typename Ref>
struct TypeTraits<RValueRef<Ref>> {
  static void View(const RValueRef<Ref>& value, TVMFFIAny* out) noexcept {
    if (value.handle_ == nullptr) return;
    out->type_index = kTVMFFIObjectRValueRef;
    out->v_ptr = &value.handle_;
  }
  static std::optional<RValueRef<Ref>> From(const TVMFFIAny& any) {
    std::optional<Ref> reference = TypeTraits<Ref>::From(any);
    if (!reference) return std::nullopt;
    if (any.type_index == kTVMFFIObjectRValueRef) {
      TVMFFIObject*& given = *static_cast<TVMFFIObject**>(any.v_ptr);
      // Not where the reference is to a copy of another kind: the caller keeps its own.
      if (reference->handle() == given) details::ReleaseStrong(std::exchange(given, nullptr));
    }
    return RValueRef<Ref>(*std::move(reference));
  }
  static std::string Name() {
    return details::Concat({"RValueRef<", TypeTraits<Ref>::Name(), ">"});
  }
  static std::string Schema() {
    return details::SchemaOf("ffi.ObjectRValueRef", {TypeSchema<Ref>()});
  }
};

}  // namespace kiln

#endif  // KILN_RVALUE_REF_H_
