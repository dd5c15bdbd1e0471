// Array: an immutable sequence of values, shared by reference.
//
// Layout (the ABI's): the object header, a TVMFFISeqCell, then the elements as owned values in the
// same block.
#ifndef KILN_ARRAY_H_
#define KILN_ARRAY_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "kiln/any.h"

namespace kiln {

class ArrayObj : public Object, public TVMFFISeqCell {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIArray;

  // An array of `size` values that `make(i)` returns, in order.
  template <typename MakeElement>
  static ObjectPtr<ArrayObj> Make(size_t size, MakeElement&& make) {
    ObjectPtr<ArrayObj> array = MakeObjectWithTail<ArrayObj>(size * sizeof(Any), size);
    for (size_t i = 0; i < size; ++i) {
      new (array->elements() + i) Any(make(i));
      // Counted one by one, so that a throwing `make` leaves an array that can be destroyed.
      ++array->TVMFFISeqCell::size;
    }
    return array;
  }

  explicit ArrayObj(size_t capacity) noexcept
      : TVMFFISeqCell{this + 1, 0, static_cast<int64_t>(capacity), nullptr} {}
  ~ArrayObj() {
    std::destroy_n(elements(), TVMFFISeqCell::size);
    if (data_deleter != nullptr) data_deleter(data);
  }

  Any* elements() noexcept { return static_cast<Any*>(data); }
};

// A reference to an array whose elements convert to `T`. Never null unless default-made from an
// absent value; a default-made Array is empty.
template <typename T>
class Array : public ObjectRef {
 public:
  using ContainerType = ArrayObj;

  Array() : Array(ArrayObj::Make(0, [](size_t) { return Any(); })) {}
  Array(std::initializer_list<T> values)
      : Array(ArrayObj::Make(values.size(), [&](size_t i) { return Any(values.begin()[i]); })) {}
  template <typename Range>
  static Array From(const Range& values) {
    auto it = std::begin(values);
    return Array(ArrayObj::Make(std::size(values), [&](size_t) { return Any(T(*it++)); }));
  }
  explicit Array(ObjectPtr<ArrayObj> object) noexcept : ObjectRef(std::move(object)) {}

  ArrayObj* get() const noexcept { return static_cast<ArrayObj*>(ObjectRef::get()); }
  ArrayObj* operator->() const noexcept { return get(); }

  size_t size() const noexcept {
    return defined() ? static_cast<size_t>(get()->TVMFFISeqCell::size) : 0;
  }
  bool empty() const noexcept { return size() == 0; }

  // Throws IndexError beyond the end, TypeError if the element is no T.
  T operator[](size_t index) const {
    if (index >= size()) {
      throw Error("IndexError", details::Concat({"index ", std::to_string(index),
                                                 " is out of range for an array of ",
                                                 std::to_string(size()), " elements"}));
    }
    return get()->elements()[index].template cast<T>();
  }
};

}  // namespace kiln

#endif  // KILN_ARRAY_H_
