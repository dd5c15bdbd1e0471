// What arrays and lists have in common: the data, reading and iterating.
#ifndef KILN_SEQ_H_
#define KILN_SEQ_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "kiln/container.h"

namespace kiln {

// The object header, then the ABI's cell. The elements are owned values.
class SeqObj : public Object, public TVMFFISeqCell {
 public:
  Any* elements() noexcept { return static_cast<Any*>(data); }
  Any* end() noexcept { return elements() + TVMFFISeqCell::size; }

  // Throws IndexError unless 0 <= index < limit, where `limit` is the size or one more.
  void CheckIndex(int64_t index, int64_t limit) const {
    if (index < 0 || index >= limit) [[unlikely]] {
      ThrowIndex(index);
    }
  }
  void CheckRange(int64_t first, int64_t last) const {
    if (first >= 0 && first <= last && last <= TVMFFISeqCell::size) return;
    throw Error("IndexError",
                details::Concat({"range [", std::to_string(first), ", ", std::to_string(last),
                                 ") is out of range for ", noun(), " of ",
                                 std::to_string(TVMFFISeqCell::size), " elements"}));
  }

  // Makes an element behind the last. The capacity must suffice.
  template <typename T>
  void EmplaceEnd(T&& value) {
    new (end()) Any(std::forward<T>(value));
    ++TVMFFISeqCell::size;
  }
  // Puts an element before that index, which may be the size. The capacity must suffice.
  void InsertAt(int64_t index, Any value) noexcept {
    EmplaceEnd(std::move(value));
    std::rotate(elements() + index, end() - 1, end());
  }
  // Removes the elements [first, last).
  void EraseRange(int64_t first, int64_t last) noexcept {
    std::rotate(elements() + first, elements() + last, end());
    // One at a time from the end: releasing an element may run any code, which may also remove
    // some.
    for (int64_t i = first; i < last && TVMFFISeqCell::size > first; ++i) {
      --TVMFFISeqCell::size;
      const Any gone = std::move(*end());
    }
  }
  // Moves the elements to the end of `to`, whose capacity must suffice.
  void MoveTo(Any* to) noexcept {
    for (Any* from = elements(); from != end(); ++from, ++to) new (to) Any(std::move(*from));
    std::destroy_n(elements(), TVMFFISeqCell::size);
  }

 protected:
  explicit SeqObj(const TVMFFISeqCell& cell) noexcept : TVMFFISeqCell(cell) {}
  ~SeqObj() {
    std::destroy_n(elements(), TVMFFISeqCell::size);
    if (data_deleter != nullptr) data_deleter(data);
  }

 private:
  [[noreturn, gnu::cold, gnu::noinline]] void ThrowIndex(int64_t index) const {
    throw Error("IndexError",
                details::Concat({"index ", std::to_string(index), " is out of range for ", noun(),
                                 " of ", std::to_string(TVMFFISeqCell::size), " elements"}));
  }
  std::string_view noun() const noexcept {
    return type_index() == kTVMFFIList ? "a list" : "an array";
  }
};

// A reference to an array or list whose elements convert to `T`: checked when they are read, with a
// TypeError. A null one is empty.
template <typename T, typename Obj>
class SeqRef : public ObjectRef {
 public:
  using value_type = T;

  // Yields elements by value. Valid until the sequence changes.
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = T;

    iterator() = default;
    explicit iterator(const Any* at) noexcept : at_(at) {}

    T operator*() const { return details::ReadElement<T>(*at_); }
    iterator& operator++() noexcept {
      ++at_;
      return *this;
    }
    iterator operator++(int) noexcept { return iterator(at_++); }
    bool operator==(const iterator&) const = default;
    difference_type operator-(const iterator& other) const noexcept { return at_ - other.at_; }

   private:
    const Any* at_ = nullptr;
  };
  using const_iterator = iterator;

  explicit SeqRef(ObjectPtr<Obj> object) noexcept : ObjectRef(std::move(object)) {}

  Obj* get() const noexcept { return static_cast<Obj*>(ObjectRef::get()); }
  Obj* operator->() const noexcept { return get(); }

  size_t size() const noexcept {
    return defined() ? static_cast<size_t>(get()->TVMFFISeqCell::size) : 0;
  }
  size_t capacity() const noexcept {
    return defined() ? static_cast<size_t>(get()->TVMFFISeqCell::capacity) : 0;
  }
  bool empty() const noexcept { return size() == 0; }
  iterator begin() const noexcept { return iterator(defined() ? get()->elements() : nullptr); }
  iterator end() const noexcept { return iterator(defined() ? get()->end() : nullptr); }

  // Each throws IndexError beyond the end, TypeError if the element is no T.
  T operator[](size_t index) const {
    return details::ReadElement<T>(ElementAt(static_cast<int64_t>(index)));
  }
  T front() const { return (*this)[0]; }
  T back() const { return details::ReadElement<T>(ElementAt(static_cast<int64_t>(size()) - 1)); }

 protected:
  SeqRef() noexcept = default;

  const Any& ElementAt(int64_t index) const {
    if (!defined()) throw Error("IndexError", "a null sequence has no elements");
    get()->CheckIndex(index, get()->TVMFFISeqCell::size);
    return get()->elements()[index];
  }
};

}  // namespace kiln

#endif  // KILN_SEQ_H_
