// An argument that must be an object of one class: no None, and no other kind that converts to it.
// A change to a converted copy would be lost.
#ifndef KILN_RUNTIME_GIVEN_H_
#define KILN_RUNTIME_GIVEN_H_

#include <optional>
#include <string>
#include <utility>

#include <kiln/traits.h>

namespace kiln {
namespace runtime {

template <typename Obj>
class Given {
 public:
  explicit Given(ObjectPtr<Obj> object) noexcept : object_(std::move(object)) {}
  Obj* operator->() const noexcept { return object_.get(); }
  Obj& operator*() const noexcept { return *object_; }
  const ObjectPtr<Obj>& object() const noexcept { return object_; }

 private:
  ObjectPtr<Obj> object_;
};

}  // namespace runtime

template <typename Obj>
struct TypeTraits<runtime::Given<Obj>> {
  static std::optional<runtime::Given<Obj>> From(const TVMFFIAny& any) {
    if (any.type_index != Obj::kTypeIndex) return std::nullopt;
    return runtime::Given<Obj>(ObjectPtr<Obj>::ShareHandle(any.v_obj));
  }
  static std::string Name() { return KindName(Obj::kTypeIndex); }
};

}  // namespace kiln

#endif  // KILN_RUNTIME_GIVEN_H_
