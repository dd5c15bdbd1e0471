// List: a sequence of values, mutable. All references to a list see each change.
//
// Layout (the ABI's): the object header, then a TVMFFISeqCell whose elements lie in a block of
// their own, from the global `operator new`. Threads that share a list lock it themselves.
#ifndef KILN_LIST_H_
#define KILN_LIST_H_

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "kiln/seq.h"

namespace kiln {

class ListObj : public SeqObj {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIList;

  // An empty list.
  static ObjectPtr<ListObj> Make() { return details::MakeContainer<ListObj>(0); }

  ListObj() noexcept : SeqObj({nullptr, 0, 0, &FreeBlock}) {}

  // Makes room for that many elements in all.
  void Reserve(int64_t elements_wanted) {
    if (elements_wanted <= TVMFFISeqCell::capacity) return;
    if (static_cast<uint64_t>(elements_wanted) > PTRDIFF_MAX / sizeof(Any)) throw std::bad_alloc();
    void* block = ::operator new(static_cast<size_t>(elements_wanted) * sizeof(Any));
    MoveTo(static_cast<Any*>(block));
    if (data_deleter != nullptr) data_deleter(data);
    data = block;
    data_deleter = &FreeBlock;
    TVMFFISeqCell::capacity = elements_wanted;
  }

  void Append(Any value) {
    MakeRoomFor(1);
    InsertAt(TVMFFISeqCell::size, std::move(value));
  }
  // Each throws IndexError where there is no such element; Insert takes the size, too.
  void SetItem(int64_t index, Any value) {
    CheckIndex(index, TVMFFISeqCell::size);
    std::swap(elements()[index], value);
  }
  void Insert(int64_t index, Any value) {
    CheckIndex(index, TVMFFISeqCell::size + 1);
    MakeRoomFor(1);
    InsertAt(index, std::move(value));
  }
  Any Pop(int64_t index) {
    CheckIndex(index, TVMFFISeqCell::size);
    Any value = elements()[index];
    EraseRange(index, index + 1);
    return value;
  }
  void Erase(int64_t first, int64_t last) {
    CheckRange(first, last);
    EraseRange(first, last);
  }
  // Puts the values in the place of the elements [first, last). They may be this list's own.
  void ReplaceSlice(int64_t first, int64_t last, const SeqObj& values) {
    CheckRange(first, last);
    const int64_t count = values.TVMFFISeqCell::size;
    // Behind the end, then turned to their place.
    MakeRoomFor(count);
    std::uninitialized_copy_n(static_cast<const Any*>(values.data), count, end());
    TVMFFISeqCell::size += count;
    std::rotate(elements() + last, end() - count, end());
    EraseRange(first, last);
  }
  void Reverse() noexcept { std::reverse(elements(), end()); }
  void Clear() noexcept { EraseRange(0, TVMFFISeqCell::size); }

 private:
  static void FreeBlock(void* block) { ::operator delete(block); }

  void MakeRoomFor(int64_t extra) {
    const int64_t needed = TVMFFISeqCell::size + extra;
    if (needed > TVMFFISeqCell::capacity) Reserve(std::max(2 * TVMFFISeqCell::capacity, needed));
  }
};

// A reference to a list whose elements convert to `T`. An array converts to a list, by copy. Null
// only when cast from None or moved from; a null one becomes an empty list when it is appended to.
template <typename T>
class List : public SeqRef<T, ListObj> {
  using Base = SeqRef<T, ListObj>;

 public:
  using ContainerType = ListObj;

  List() : Base(ListObj::Make()) {}
  List(std::initializer_list<T> values) : List() { Append(values); }
  explicit List(ObjectPtr<ListObj> object) noexcept : Base(std::move(object)) {}
  template <typename Range>
  static List From(const Range& values) {
    List list;
    list.Append(values);
    return list;
  }
  static std::optional<List> FromOther(const TVMFFIAny& any) {
    if (any.type_index != kTVMFFIArray) return std::nullopt;
    const auto* cell = reinterpret_cast<const TVMFFISeqCell*>(any.v_obj + 1);
    List list;
    list.get()->Reserve(cell->size);
    for (int64_t i = 0; i < cell->size; ++i) {
      list.get()->Append(static_cast<const Any*>(cell->data)[i]);
    }
    return list;
  }
  static std::string Schema() { return details::SchemaOf("ffi.List", {TypeSchema<T>()}); }

  void push_back(const T& value) { Present()->Append(Any(value)); }
  // Each throws IndexError where there is no such element; Insert takes the size, too.
  void pop_back() { Present()->Pop(static_cast<int64_t>(this->size()) - 1); }
  void Set(int64_t index, const T& value) { Present()->SetItem(index, Any(value)); }
  void Insert(int64_t index, const T& value) { Present()->Insert(index, Any(value)); }
  void Erase(int64_t index) { Present()->Pop(index); }
  void Erase(int64_t first, int64_t last) { Present()->Erase(first, last); }
  void reserve(size_t capacity) { Present()->Reserve(static_cast<int64_t>(capacity)); }
  void clear() { Present()->Clear(); }

 private:
  template <typename Range>
  void Append(const Range& values) {
    reserve(std::size(values));
    for (const auto& value : values) this->get()->Append(Any(T(value)));
  }
  ListObj* Present() {
    if (!this->defined()) *this = List();
    return this->get();
  }
};

}  // namespace kiln

#endif  // KILN_LIST_H_
