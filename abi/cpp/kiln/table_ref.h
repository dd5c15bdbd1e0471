// What references to maps and dicts have in common: looking up and iterating.
#ifndef KILN_TABLE_REF_H_
#define KILN_TABLE_REF_H_

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include "kiln/table.h"

namespace kiln {

// A reference to a table of the class `Obj`, whose keys convert to `K` and values to `V`: checked
// when they are read, with a TypeError. A null one has no entries.
template <typename K, typename V, typename Obj>
class TableRef : public ObjectRef {
 public:
  using key_type = K;
  using mapped_type = V;

  // Yields pairs by value. Valid until the table changes.
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::pair<K, V>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = value_type;

    iterator() = default;
    iterator(const TableObj* table, uint64_t position) noexcept
        : table_(table), position_(position) {}

    value_type operator*() const { return {key(), value()}; }
    K key() const { return details::ReadElement<K>(table_->entry(position_).key); }
    V value() const { return details::ReadElement<V>(table_->entry(position_).value); }
    iterator& operator++() noexcept {
      position_ = table_->next(position_);
      return *this;
    }
    iterator operator++(int) noexcept {
      iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const iterator&) const = default;

   private:
    const TableObj* table_ = nullptr;
    uint64_t position_ = TableObj::kEnd;
  };
  using const_iterator = iterator;

  explicit TableRef(ObjectPtr<Obj> object) noexcept : ObjectRef(std::move(object)) {}

  Obj* get() const noexcept { return static_cast<Obj*>(ObjectRef::get()); }
  Obj* operator->() const noexcept { return get(); }

  size_t size() const noexcept { return defined() ? get()->size() : 0; }
  bool empty() const noexcept { return size() == 0; }
  iterator begin() const noexcept { return {get(), defined() ? get()->first() : TableObj::kEnd}; }
  iterator end() const noexcept { return {get(), TableObj::kEnd}; }

  iterator find(const K& key) const {
    return {get(), defined() ? get()->Find(Any(key)) : TableObj::kEnd};
  }
  size_t count(const K& key) const { return contains(key) ? 1 : 0; }
  bool contains(const K& key) const { return find(key) != end(); }

  // The key's value. Throws KeyError where there is none.
  V at(const K& key) const {
    const iterator found = find(key);
    if (found == end()) ThrowNoKey(Any(key));
    return found.value();
  }
  V operator[](const K& key) const { return at(key); }
  // The key's value, or nullopt.
  std::optional<V> Get(const K& key) const {
    const iterator found = find(key);
    if (found == end()) return std::nullopt;
    return found.value();
  }

 protected:
  TableRef() noexcept = default;

  template <typename Pairs>
  static ObjectPtr<Obj> MakeFrom(const Pairs& pairs) {
    ObjectPtr<Obj> table = TableObj::Make<Obj>();
    for (const auto& [key, value] : pairs) table->Set(Any(key), Any(value));
    return table;
  }

  // A table of this class with the entries of one of class `Other`, if `any` is one.
  template <typename Ref, typename Other>
  static std::optional<Ref> CopyOf(const TVMFFIAny& any) {
    if (any.type_index != Other::kTypeIndex) return std::nullopt;
    return Ref(ObjectPtr<Other>::ShareHandle(any.v_obj)->template Copy<Obj>());
  }

 private:
  [[noreturn]] static void ThrowNoKey(const Any& key) {
    if (const auto text = key.try_cast<std::string_view>()) {
      throw Error("KeyError", details::Concat({"no entry has the key '", *text, "'"}));
    }
    throw Error("KeyError", details::Concat({"no entry has the key ", Describe(key.raw())}));
  }
};

// The data of Map and of Dict: the same table under two type indices.
class MapObj : public TableObj {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIMap;
};
class DictObj : public TableObj {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIDict;
};

}  // namespace kiln

#endif  // KILN_TABLE_REF_H_
