// A hash table from names to entries that only grows. Lookups take no lock and never wait.
//
// An entry stays where it is and in the table. When the table is full, one of twice the size is
// published; the old ones stay in memory for readers that may still be in them (all together, they
// are no larger than the current one). All of it stays for ever, unless the owner calls Free: a
// table that is used while the process exits has no destructor.
#ifndef KILN_RUNTIME_NAME_TABLE_H_
#define KILN_RUNTIME_NAME_TABLE_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

namespace kiln::runtime {

// `Entry` has `std::string_view name() const`, which never changes. `kFirstCapacity` is a power of
// two.
template <typename Entry, size_t kFirstCapacity = 256>
class NameTable {
 public:
  constexpr NameTable() noexcept = default;
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  // The entry of that name, or null. Any thread, any time.
  Entry* Find(std::string_view name) const noexcept {
    const Table* table = table_.load(std::memory_order_acquire);
    if (table == nullptr) return nullptr;
    const size_t hash = std::hash<std::string_view>()(name);
    for (size_t i = hash & table->mask;; i = (i + 1) & table->mask) {
      const Slot& slot = table->slots[i];
      Entry* entry = slot.entry.load(std::memory_order_acquire);
      if (entry == nullptr) return nullptr;
      if (slot.hash == hash && entry->name() == name) return entry;
    }
  }

  // Adds an entry whose name is not in the table yet, and returns it. One thread at a time: the
  // caller holds a lock. Throws std::bad_alloc, with nothing changed.
  Entry* Insert(std::unique_ptr<Entry> entry) {
    Reserve();
    Place(*table_.load(std::memory_order_relaxed), entry.get());
    ++size_;
    return entry.release();
  }

  // Makes room for one entry: the next Insert does not throw. For the holder of that lock.
  void Reserve() {
    const Table* table = table_.load(std::memory_order_relaxed);
    if (table == nullptr || 2 * (size_ + 1) > table->mask + 1) Grow(table);
  }

  // Calls `visit(Entry&)` for each entry that was there when the call began.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    const Table* table = table_.load(std::memory_order_acquire);
    if (table == nullptr) return;
    for (size_t i = 0; i <= table->mask; ++i) {
      Entry* entry = table->slots[i].entry.load(std::memory_order_acquire);
      if (entry != nullptr) visit(*entry);
    }
  }

  // Destroys all entries and empties the table. For an owner that knows of no reader any more.
  void Free() noexcept {
    ForEach([](Entry& entry) { delete &entry; });
    const Table* table = table_.exchange(nullptr, std::memory_order_relaxed);
    while (table != nullptr) {
      const std::unique_ptr<const Table> dying(table);
      table = dying->superseded;
    }
    size_ = 0;
  }

 private:
  struct Slot {
    size_t hash = 0;  // written before `entry` is published
    std::atomic<Entry*> entry{nullptr};
  };
  struct Table {
    size_t mask;
    std::unique_ptr<Slot[]> slots;
    const Table* superseded;
  };

  static void Place(Table& table, Entry* entry) noexcept {
    const size_t hash = std::hash<std::string_view>()(entry->name());
    size_t i = hash & table.mask;
    while (table.slots[i].entry.load(std::memory_order_relaxed) != nullptr) {
      i = (i + 1) & table.mask;
    }
    table.slots[i].hash = hash;
    table.slots[i].entry.store(entry, std::memory_order_release);
  }

  void Grow(const Table* old) {
    const size_t capacity = old == nullptr ? kFirstCapacity : 2 * (old->mask + 1);
    auto table = std::make_unique<Table>(capacity - 1, std::make_unique<Slot[]>(capacity), old);
    ForEach([&](Entry& entry) { Place(*table, &entry); });
    table_.store(table.release(), std::memory_order_release);
  }

  std::atomic<Table*> table_{nullptr};
  size_t size_ = 0;
};

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_NAME_TABLE_H_
