// The dense layout of maps and dicts: a hash table whose entries keep their insertion order.
//
// Slots come in blocks of 16: 16 metadata bytes, then 16 slots. The entries whose hashes lead to
// the same slot form a chain, which starts at that slot; each entry's metadata byte says how far
// the next one is. A list through all the slots gives the order. All of it is the ABI's: code built
// with other headers reads and changes the same tables.
#ifndef KILN_DENSE_TABLE_H_
#define KILN_DENSE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "kiln/any.h"
#include "kiln/hash.h"
#include "kiln/probe.h"

namespace kiln {

struct TableEntry {
  Any key;
  Any value;
};

// What follows the object header of a map or dict. In the small layout `data` points to `slots`
// entries without gaps, and the fields after `data_deleter` do not exist.
struct TableCell {
  static constexpr uint64_t kSmallTag = uint64_t{1} << 63;
  // No slot: the end of the order.
  static constexpr uint64_t kNone = ~uint64_t{0};

  void* data = nullptr;
  uint64_t size = 0;   // entries
  uint64_t slots = 0;  // with kSmallTag in the small layout
  // Frees `data`; null where `data` lies within the object itself.
  void (*data_deleter)(void*) = nullptr;
  uint32_t shift = 63;  // 64 - log2(slots)
  uint64_t first = kNone;
  uint64_t last = kNone;

  bool is_small() const noexcept { return (slots & kSmallTag) != 0; }
};

static_assert(sizeof(TableEntry) == 32 && sizeof(TableCell) == 56);
static_assert(offsetof(TableCell, shift) == 32 && offsetof(TableCell, last) == 48);

namespace details {

// Moves an entry to raw memory bit by bit; what it leaves behind is raw memory.
inline void RelocateEntry(TableEntry* to, const TableEntry* from) noexcept {
  std::memcpy(static_cast<void*>(to), static_cast<const void*>(from), sizeof(TableEntry));
}

}  // namespace details

// The operations on a cell in the dense layout. Entries come in and go out bit by bit: nothing here
// retains or releases one.
class DenseTable {
 public:
  static constexpr uint64_t kNone = TableCell::kNone;
  static constexpr uint64_t kMinSlots = 8;

  explicit DenseTable(TableCell* cell) noexcept : cell_(*cell) {}

  // The cell of an empty table; `slots` is a power of two. The caller frees its `data`.
  static TableCell Allocate(uint64_t slots) {
    TableCell cell;
    const uint64_t blocks = (slots + kBlockSlots - 1) / kBlockSlots;
    if (blocks > PTRDIFF_MAX / sizeof(Block)) throw std::bad_alloc();
    cell.data = ::operator new(blocks * sizeof(Block));
    cell.data_deleter = [](void* data) { ::operator delete(data); };
    cell.slots = slots;
    cell.shift = static_cast<uint32_t>(64 - __builtin_ctzll(slots));
    DenseTable(&cell).ForgetEntries();
    return cell;
  }

  // The cell of a table that has to grow before it takes an entry.
  static TableCell WithoutSlots() noexcept { return TableCell(); }

  TableEntry& entry(uint64_t index) const noexcept { return slot(index).entry; }
  uint64_t next_in_order(uint64_t index) const noexcept { return slot(index).next; }
  // True if there is an entry in that slot. Any number will do.
  bool has_entry(uint64_t index) const noexcept {
    return index < cell_.slots && meta(index) != kEmpty;
  }

  // The slot of the key, or kNone.
  uint64_t Find(const Any& key, uint64_t hash) const {
    if (cell_.size == 0) return kNone;
    uint64_t index = Home(hash);
    if (!IsHead(meta(index))) return kNone;
    while (index != kNone && !AnyEqual(key, entry(index).key)) index = NextInChain(index);
    return index;
  }

  // Puts in an entry, last in the order, whose key the table does not have. False, with nothing
  // changed, if the table has to grow first.
  bool Insert(uint64_t hash, const TableEntry& entry) {
    if (cell_.slots == 0) return false;
    const uint64_t home = Home(hash);
    if (meta(home) == kEmpty) {
      Fill(home, kHead, entry);
      return true;
    }
    if (is_full()) return false;
    if (!IsHead(meta(home))) {
      if (!MoveChainFrom(home)) return false;
      Fill(home, kHead, entry);
      return true;
    }
    const uint64_t tail = TailOfChain(home);
    uint64_t free = kNone;
    const uint8_t jump = JumpToFreeSlot(tail, &free);
    if (jump == 0) return false;
    Fill(free, kBody, entry);
    SetJump(tail, jump);
    return true;
  }

  // Takes the entry out: its bits go to `taken`, which is raw memory.
  void Remove(uint64_t index, TableEntry* taken) {
    // May throw, and changes nothing.
    const uint64_t before = IsHead(meta(index)) ? kNone : Before(index);
    details::RelocateEntry(taken, &entry(index));
    UnlinkFromOrder(index);
    --cell_.size;
    uint64_t tail = NextInChain(index);
    if (tail == kNone) {
      if (before != kNone) SetJump(before, 0);
      meta(index) = kEmpty;
      return;
    }
    // The chain's last entry fills the gap.
    uint64_t before_tail = index;
    for (uint64_t next; (next = NextInChain(tail)) != kNone; tail = next) before_tail = tail;
    details::RelocateEntry(&entry(index), &entry(tail));
    TakePlaceInOrder(tail, index);
    meta(tail) = kEmpty;
    SetJump(before_tail, 0);
  }

  void MoveToEndOfOrder(uint64_t index) noexcept {
    UnlinkFromOrder(index);
    AppendToOrder(index);
  }

  // Makes the table empty without looking at its entries.
  void ForgetEntries() noexcept {
    const uint64_t blocks = (cell_.slots + kBlockSlots - 1) / kBlockSlots;
    for (uint64_t i = 0; i < blocks; ++i) {
      std::memset(static_cast<Block*>(cell_.data)[i].meta, kEmpty, kBlockSlots);
    }
    cell_.size = 0;
    cell_.first = cell_.last = kNone;
  }

 private:
  static constexpr uint64_t kBlockSlots = 16;
  static constexpr double kMaxLoad = 0.99;
  // Metadata bytes: the top bit tells a chain's other entries from its head, the rest is the number
  // of the distance to the next one.
  static constexpr uint8_t kEmpty = 0xff;
  static constexpr uint8_t kHead = 0x00;
  static constexpr uint8_t kBody = 0x80;
  static constexpr uint8_t kJumpMask = 0x7f;

  struct Slot {
    TableEntry entry;
    uint64_t previous;  // in the order
    uint64_t next;
  };
  struct Block {
    uint8_t meta[kBlockSlots];
    alignas(Slot) unsigned char slots[kBlockSlots * sizeof(Slot)];
  };
  static_assert(sizeof(Slot) == 48 && sizeof(Block) == kBlockSlots * 49);

  static bool IsHead(uint8_t meta) noexcept { return (meta & kBody) == 0; }

  Block& block(uint64_t index) const noexcept {
    return static_cast<Block*>(cell_.data)[index / kBlockSlots];
  }
  uint8_t& meta(uint64_t index) const noexcept { return block(index).meta[index % kBlockSlots]; }
  Slot& slot(uint64_t index) const noexcept {
    return reinterpret_cast<Slot*>(block(index).slots)[index % kBlockSlots];
  }
  bool is_full() const noexcept {
    return static_cast<double>(cell_.size + 1) > static_cast<double>(cell_.slots) * kMaxLoad;
  }

  uint64_t Home(uint64_t hash) const noexcept {
    return (details::kFibonacciMultiplier * hash) >> cell_.shift;
  }
  uint64_t NextInChain(uint64_t index) const noexcept {
    const uint64_t distance = details::kProbeDistances[meta(index) & kJumpMask];
    return distance == 0 ? kNone : (index + distance) % cell_.slots;
  }
  uint64_t TailOfChain(uint64_t index) const noexcept {
    for (uint64_t next; (next = NextInChain(index)) != kNone;) index = next;
    return index;
  }
  // The entry before `index` in its chain, whose head `index` is not.
  uint64_t Before(uint64_t index) const {
    uint64_t before = Home(AnyHash(entry(index).key));
    for (uint64_t next; (next = NextInChain(before)) != index;) before = next;
    return before;
  }
  void SetJump(uint64_t index, uint8_t jump) const noexcept {
    meta(index) = static_cast<uint8_t>((meta(index) & kBody) | jump);
  }
  // The number of a distance that leads from `index` to a free slot, or 0.
  uint8_t JumpToFreeSlot(uint64_t index, uint64_t* free) const noexcept {
    for (uint8_t jump = 1; jump < details::kProbeCount; ++jump) {
      *free = (index + details::kProbeDistances[jump]) % cell_.slots;
      if (meta(*free) == kEmpty) return jump;
    }
    return 0;
  }

  void Fill(uint64_t index, uint8_t kind, const TableEntry& from) noexcept {
    meta(index) = kind;
    details::RelocateEntry(&entry(index), &from);
    AppendToOrder(index);
    ++cell_.size;
  }

  // Moves an entry that is not its chain's head, and all that follow it, to other slots. False,
  // with nothing changed, where there is no room.
  bool MoveChainFrom(uint64_t index) {
    const uint64_t before = Before(index);
    uint64_t moved = kNone;
    uint8_t jump_to_moved = 0;
    uint64_t tail = before;
    for (uint64_t from = index; from != kNone; from = NextInChain(from)) {
      uint64_t to = kNone;
      const uint8_t jump = JumpToFreeSlot(tail, &to);
      if (jump == 0) {
        FreeChain(moved);
        return false;
      }
      meta(to) = kBody;
      details::RelocateEntry(&entry(to), &entry(from));
      if (moved == kNone) {
        moved = to;
        jump_to_moved = jump;
      } else {
        SetJump(tail, jump);
      }
      tail = to;
    }
    SetJump(before, jump_to_moved);
    for (uint64_t from = index, to = moved; from != kNone;
         from = NextInChain(from), to = NextInChain(to)) {
      TakePlaceInOrder(from, to);
    }
    FreeChain(index);
    return true;
  }
  void FreeChain(uint64_t index) const noexcept {
    while (index != kNone) {
      const uint64_t next = NextInChain(index);
      meta(index) = kEmpty;
      index = next;
    }
  }

  // The fields that point forward to, and back to, the neighbours in the order.
  uint64_t& next_of(uint64_t index) const noexcept {
    return index == kNone ? cell_.first : slot(index).next;
  }
  uint64_t& previous_of(uint64_t index) const noexcept {
    return index == kNone ? cell_.last : slot(index).previous;
  }
  void UnlinkFromOrder(uint64_t index) const noexcept {
    next_of(slot(index).previous) = slot(index).next;
    previous_of(slot(index).next) = slot(index).previous;
  }
  void AppendToOrder(uint64_t index) const noexcept {
    slot(index).previous = cell_.last;
    slot(index).next = kNone;
    next_of(cell_.last) = index;
    cell_.last = index;
  }
  void TakePlaceInOrder(uint64_t from, uint64_t to) const noexcept {
    slot(to).previous = slot(from).previous;
    slot(to).next = slot(from).next;
    next_of(slot(to).previous) = to;
    previous_of(slot(to).next) = to;
  }

  TableCell& cell_;
};

}  // namespace kiln

#endif  // KILN_DENSE_TABLE_H_
