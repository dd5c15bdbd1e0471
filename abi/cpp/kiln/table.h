// The data of maps and dicts: entries in insertion order, found by their keys.
//
// Up to four entries lie in the object itself, one after the other (the small layout); more of them
// are a hash table on the heap (kiln/dense_table.h). A table changes from small to dense in place,
// never back.
//
// Keys are compared as kiln/hash.h says. An entry's place in the order is that of its insertion;
// in the dense layout, setting it again makes it the last.
#ifndef KILN_TABLE_H_
#define KILN_TABLE_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "kiln/container.h"
#include "kiln/dense_table.h"

namespace kiln {

class TableObj : public Object {
 public:
  // The position after the last entry.
  static constexpr uint64_t kEnd = TableCell::kNone;

  // An empty table of the class `T`, which derives from this one and adds only its type index.
  template <typename T>
  static ObjectPtr<T> Make() {
    static_assert(sizeof(T) == sizeof(TableObj));
    return details::MakeContainer<T>(kSmallSlots * sizeof(TableEntry));
  }

  TableObj() noexcept {
    cell_.data = this + 1;
    cell_.slots = kSmallSlots | TableCell::kSmallTag;
  }
  ~TableObj() {
    Clear();
    FreeStorage();
  }

  size_t size() const noexcept { return cell_.size; }

  // Positions: valid until the table changes.
  uint64_t first() const noexcept {
    if (cell_.is_small()) return cell_.size == 0 ? kEnd : 0;
    return cell_.first;
  }
  uint64_t next(uint64_t position) const noexcept {
    if (cell_.is_small()) return position + 1 < cell_.size ? position + 1 : kEnd;
    return dense().next_in_order(position);
  }
  // True if there is an entry at that position, which may be of a time before the table changed.
  bool has_entry(uint64_t position) const noexcept {
    return cell_.is_small() ? position < cell_.size : dense().has_entry(position);
  }
  TableEntry& entry(uint64_t position) const noexcept {
    return cell_.is_small() ? small_entries()[position] : dense().entry(position);
  }

  // The position of the key, or kEnd.
  uint64_t Find(const Any& key) const {
    return cell_.is_small() ? FindSmall(key) : dense().Find(key, AnyHash(key));
  }

  // Sets the key's value; the entry is added if there is none. The table stays as it was if memory
  // lacks, or a key's own rule throws.
  void Set(Any key, Any value) {
    const uint64_t hash = cell_.is_small() ? 0 : AnyHash(key);
    const uint64_t found = cell_.is_small() ? FindSmall(key) : dense().Find(key, hash);
    if (found != kEnd) {
      std::swap(entry(found).value, value);
      if (!cell_.is_small()) dense().MoveToEndOfOrder(found);
      return;
    }
    TableEntry added{std::move(key), std::move(value)};
    if (cell_.is_small()) {
      if (AppendSmall(&added)) return;
      const uint64_t added_hash = AnyHash(added.key);
      InsertDense(added_hash, &added);
    } else {
      InsertDense(hash, &added);
    }
  }

  // Removes the entry at that position.
  void Erase(uint64_t position) {
    // Released last, when the table is whole again: that may run any code.
    TableEntry gone;
    if (cell_.is_small()) {
      std::swap(gone, small_entries()[position]);
      for (uint64_t i = position + 1; i < cell_.size; ++i) {
        details::RelocateEntry(&small_entries()[i - 1], &small_entries()[i]);
      }
      --cell_.size;
    } else {
      dense().Remove(position, &gone);
    }
  }
  // True if there was such an entry.
  bool Erase(const Any& key) {
    const uint64_t position = Find(key);
    if (position == kEnd) return false;
    Erase(position);
    return true;
  }

  // A table keeps its storage when it is cleared. An entry's end may run any code, which finds the
  // table empty; what that code puts in stays.
  void Clear() noexcept {
    if (cell_.is_small()) {
      TableEntry gone[kSmallSlots];
      std::memcpy(static_cast<void*>(gone), cell_.data, cell_.size * sizeof(TableEntry));
      cell_.size = 0;
      return;
    }
    TableCell old = cell_;
    cell_ = DenseTable::WithoutSlots();
    const DenseTable entries(&old);
    for (uint64_t position = old.first; position != kEnd;) {
      const uint64_t next = entries.next_in_order(position);
      std::destroy_at(&entries.entry(position));
      position = next;
    }
    if (cell_.slots == 0) {
      DenseTable(&old).ForgetEntries();
      std::swap(cell_, old);
    }
    if (old.data_deleter != nullptr) old.data_deleter(old.data);
  }

  // A table of the class `T` with the same entries in the same order.
  template <typename T>
  ObjectPtr<T> Copy() const {
    ObjectPtr<T> copy = Make<T>();
    if (cell_.size > kSmallSlots) copy->Grow(cell_.size);
    for (uint64_t i = first(); i != kEnd; i = next(i)) copy->Set(entry(i).key, entry(i).value);
    return copy;
  }

 private:
  static constexpr uint64_t kSmallSlots = 4;

  DenseTable dense() const noexcept { return DenseTable(const_cast<TableCell*>(&cell_)); }
  TableEntry* small_entries() const noexcept { return static_cast<TableEntry*>(cell_.data); }

  uint64_t FindSmall(const Any& key) const {
    for (uint64_t i = 0; i < cell_.size; ++i) {
      if (AnyEqual(small_entries()[i].key, key)) return i;
    }
    return kEnd;
  }
  bool AppendSmall(TableEntry* added) noexcept {
    if (cell_.size >= (cell_.slots & ~TableCell::kSmallTag)) return false;
    new (&small_entries()[cell_.size]) TableEntry(std::move(*added));
    ++cell_.size;
    return true;
  }
  void InsertDense(uint64_t hash, TableEntry* added) {
    if (cell_.is_small()) Grow(cell_.size + 1);
    while (!dense().Insert(hash, *added)) Grow(cell_.slots + 1);
    // Its bits are in the table.
    new (added) TableEntry();
  }

  // Makes the table dense, with room for more than `entries`.
  void Grow(uint64_t entries) {
    uint64_t slots = DenseTable::kMinSlots;
    while (slots <= entries) slots *= 2;
    while (!MoveToDense(slots)) slots *= 2;
  }
  // False, with nothing changed, if that many slots are too few.
  bool MoveToDense(uint64_t slots) {
    TableCell cell = DenseTable::Allocate(slots);
    std::unique_ptr<void, void (*)(void*)> storage(cell.data, cell.data_deleter);
    DenseTable table(&cell);
    for (uint64_t i = first(); i != kEnd; i = next(i)) {
      if (!table.Insert(AnyHash(entry(i).key), entry(i))) return false;
    }
    FreeStorage();
    cell_ = cell;
    (void)storage.release();  // NOLINT(bugprone-unused-return-value): the table has it
    return true;
  }
  void FreeStorage() const noexcept {
    if (cell_.data_deleter != nullptr) cell_.data_deleter(cell_.data);
  }

  TableCell cell_;
};

static_assert(sizeof(TableObj) == 80);

}  // namespace kiln

#endif  // KILN_TABLE_H_
