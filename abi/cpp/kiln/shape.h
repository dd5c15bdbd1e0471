// Shape: an immutable list of extents.
//
//   kiln::Shape shape = tensor.shape();   // or {2, 3}
//
// Layout (the ABI's): the object header, a TVMFFIShapeCell, then the extents in the same block.
#ifndef KILN_SHAPE_H_
#define KILN_SHAPE_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kiln/any.h"
#include "kiln/make_object.h"

namespace kiln {

class ShapeObj : public Object, public TVMFFIShapeCell {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIShape;

  explicit ShapeObj(std::span<const int64_t> extents) noexcept
      : TVMFFIShapeCell{reinterpret_cast<int64_t*>(this + 1), extents.size()} {
    auto* to = reinterpret_cast<int64_t*>(this + 1);
    for (const int64_t extent : extents) *to++ = extent;
  }
};

// An array of ints converts to a shape, by copy. Null only when cast from None or moved from; a
// null one has no extents.
class Shape : public ObjectRef {
 public:
  using ContainerType = ShapeObj;

  Shape() : Shape(std::span<const int64_t>()) {}
  // NOLINTBEGIN(google-explicit-constructor)
  Shape(std::span<const int64_t> extents)
      : Shape(MakeObjectWithTail<ShapeObj>(extents.size_bytes(), extents)) {}
  Shape(std::initializer_list<int64_t> extents)
      : Shape(std::span<const int64_t>(extents.begin(), extents.size())) {}
  operator std::span<const int64_t>() const noexcept { return extents(); }
  // NOLINTEND(google-explicit-constructor)
  explicit Shape(ObjectPtr<ShapeObj> object) noexcept : ObjectRef(std::move(object)) {}
  static std::optional<Shape> FromOther(const TVMFFIAny& any) {
    if (any.type_index != kTVMFFIArray && any.type_index != kTVMFFIList) return std::nullopt;
    const auto* cell = reinterpret_cast<const TVMFFISeqCell*>(any.v_obj + 1);
    std::vector<int64_t> extents;
    extents.reserve(static_cast<size_t>(cell->size));
    for (int64_t i = 0; i < cell->size; ++i) {
      const auto extent = static_cast<const Any*>(cell->data)[i].try_cast<int64_t>();
      if (!extent) return std::nullopt;
      extents.push_back(*extent);
    }
    return Shape(extents);
  }

  ShapeObj* get() const noexcept { return static_cast<ShapeObj*>(ObjectRef::get()); }
  ShapeObj* operator->() const noexcept { return get(); }

  // Valid as long as the object.
  std::span<const int64_t> extents() const noexcept {
    if (!defined()) return {};
    return {get()->data, get()->size};
  }
  const int64_t* data() const noexcept { return extents().data(); }
  size_t size() const noexcept { return extents().size(); }
  bool empty() const noexcept { return size() == 0; }
  const int64_t* begin() const noexcept { return data(); }
  const int64_t* end() const noexcept { return data() + size(); }
  // Throws IndexError beyond the end.
  int64_t operator[](size_t index) const {
    if (index < size()) return data()[index];
    throw Error("IndexError", details::Concat({"index ", std::to_string(index),
                                               " is out of range for a shape of ",
                                               std::to_string(size()), " extents"}));
  }
  // How many elements a tensor of this shape has; 1 without extents.
  int64_t Product() const noexcept {
    int64_t product = 1;
    for (const int64_t extent : extents()) product *= extent;
    return product;
  }

  friend bool operator==(const Shape& a, const Shape& b) noexcept {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (a.data()[i] != b.data()[i]) return false;
    }
    return true;
  }
};

}  // namespace kiln

#endif  // KILN_SHAPE_H_
