// Array: a sequence of values, immutable once shared.
//
// A change to an array that another reference shares makes a copy first, so no one else sees it.
//
// Layout (the ABI's): the object header, a TVMFFISeqCell, then the elements as owned values in the
// same block.
#ifndef KILN_ARRAY_H_
#define KILN_ARRAY_H_

#include <algorithm>
#include <concepts>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "kiln/seq.h"

namespace kiln {

class ArrayObj : public SeqObj {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIArray;

  // An array of `size` values that `make(i)` returns, in order.
  template <typename MakeElement>
  static ObjectPtr<ArrayObj> Make(size_t size, MakeElement&& make) {
    ObjectPtr<ArrayObj> array = WithCapacity(size);
    for (size_t i = 0; i < size; ++i) {
      new (array->end()) Any(make(i));
      // Counted one by one, so that a throwing `make` leaves an array that can be destroyed.
      ++array->TVMFFISeqCell::size;
    }
    return array;
  }
  // An empty array with room for that many elements.
  static ObjectPtr<ArrayObj> WithCapacity(size_t capacity) {
    if (capacity > PTRDIFF_MAX / sizeof(Any)) throw std::bad_alloc();
    return details::MakeContainer<ArrayObj>(capacity * sizeof(Any), capacity);
  }

  explicit ArrayObj(size_t capacity) noexcept
      : SeqObj({this + 1, 0, static_cast<int64_t>(capacity), nullptr}) {}
};

// A reference to an array whose elements convert to `T`. A list converts to an array, by copy.
// Null only when cast from None or moved from; a default-made Array is empty.
template <typename T>
class Array : public SeqRef<T, ArrayObj> {
  using Base = SeqRef<T, ArrayObj>;

 public:
  using ContainerType = ArrayObj;

  Array() : Base(ArrayObj::WithCapacity(0)) {}
  Array(std::initializer_list<T> values)
      : Base(ArrayObj::Make(values.size(), [&](size_t i) { return Any(values.begin()[i]); })) {}
  explicit Array(ObjectPtr<ArrayObj> object) noexcept : Base(std::move(object)) {}
  // An array of a narrower element type.
  template <typename U>
    requires(!std::same_as<T, U> && (std::same_as<T, Any> || std::derived_from<U, T>))
  Array(const Array<U>& other) noexcept  // NOLINT(google-explicit-constructor)
      : Base(ObjectPtr<ArrayObj>::Share(other.get())) {}
  template <typename Range>
  static Array From(const Range& values) {
    auto it = std::begin(values);
    return Array(ArrayObj::Make(std::size(values), [&](size_t) { return Any(T(*it++)); }));
  }
  static std::optional<Array> FromOther(const TVMFFIAny& any) {
    if (any.type_index != kTVMFFIList) return std::nullopt;
    const auto* cell = reinterpret_cast<const TVMFFISeqCell*>(any.v_obj + 1);
    return Array(ArrayObj::Make(static_cast<size_t>(cell->size),
                                [&](size_t i) { return static_cast<const Any*>(cell->data)[i]; }));
  }
  static std::string Schema() { return details::SchemaOf("ffi.Array", {TypeSchema<T>()}); }

  void push_back(const T& value) {
    if (IsWritable(1)) [[likely]] {
      this->get()->EmplaceEnd(value);
      return;
    }
    Any element(value);  // which may be one of this array
    Writable(1)->EmplaceEnd(std::move(element));
  }
  // Throws IndexError if the array is empty.
  void pop_back() { Erase(static_cast<int64_t>(this->size()) - 1); }
  // Each throws IndexError where there is no such element; Insert takes the size, too.
  void Set(int64_t index, const T& value) {
    (void)this->ElementAt(index);
    Any element(value);
    std::swap(Writable(0)->elements()[index], element);
  }
  void Insert(int64_t index, const T& value) {
    Any element(value);
    ArrayObj* array = Writable(1);
    array->CheckIndex(index, array->TVMFFISeqCell::size + 1);
    array->InsertAt(index, std::move(element));
  }
  void Erase(int64_t index) {
    (void)this->ElementAt(index);
    Writable(0)->EraseRange(index, index + 1);
  }
  void reserve(size_t capacity) {
    if (capacity > this->size()) Writable(capacity - this->size());
  }
  void clear() { *this = Array(); }

 private:
  static constexpr size_t kFirstCapacity = 4;

  // The object, of which this is the only reference, with room for `extra` more elements.
  ArrayObj* Writable(size_t extra) {
    return IsWritable(extra) ? this->get() : MakeWritable(this->size() + extra);
  }
  bool IsWritable(size_t extra) const noexcept {
    return this->use_count() == 1 && this->size() + extra <= this->capacity();
  }
  [[gnu::noinline]] ArrayObj* MakeWritable(size_t needed) {
    const bool sole = this->use_count() == 1;
    const size_t capacity = needed <= this->capacity()
                                ? this->capacity()
                                : std::max({2 * this->capacity(), needed, kFirstCapacity});
    ObjectPtr<ArrayObj> array = ArrayObj::WithCapacity(capacity);
    if (this->defined()) {
      const size_t size = this->size();
      if (sole) {
        this->get()->MoveTo(array->elements());
        this->get()->TVMFFISeqCell::size = 0;
      } else {
        std::uninitialized_copy_n(this->get()->elements(), size, array->elements());
      }
      array->TVMFFISeqCell::size = static_cast<int64_t>(size);
    }
    *this = Array(std::move(array));
    return this->get();
  }
};

}  // namespace kiln

#endif  // KILN_ARRAY_H_
