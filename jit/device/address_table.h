#ifndef KILN_JIT_DEVICE_ADDRESS_TABLE_H_
#define KILN_JIT_DEVICE_ADDRESS_TABLE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace kiln::jit {

// What is known of addresses in compiled code, found without a lock. An address must be in the
// table before, and stay in it for as long as it is looked up: others may come and go meanwhile.
//
// Open addressing. A slot is given back with a mark that keeps searches going, and taken again by
// the next address that passes it. Tables that became too small are kept, since readers may be in
// them; together they are no larger than the last.
template <typename T>
class AddressTable {
 public:
  AddressTable() { Grow(); }
  AddressTable(const AddressTable&) = delete;
  AddressTable& operator=(const AddressTable&) = delete;

  // Null where the address is not known.
  T* Find(const void* address) const {
    const Slots& slots = *current_.load(std::memory_order_acquire);
    for (size_t step = 0; step < slots.count; ++step) {
      const Slot& slot = slots.At(address, step);
      const void* const key = slot.key.load(std::memory_order_acquire);
      if (key == address) return slot.value.load(std::memory_order_acquire);
      if (key == nullptr) return nullptr;
    }
    return nullptr;
  }

  // Replaces what was known of the address.
  void Add(const void* address, T* value) {
    const std::lock_guard lock(change_);
    if (2 * (live_ + 1) > current_.load(std::memory_order_relaxed)->count) Grow();
    live_ += Put(*current_.load(std::memory_order_relaxed), address, value) ? 1 : 0;
  }

  // Forgets the address, if it stands for `value`.
  void Remove(const void* address, const T* value) {
    const std::lock_guard lock(change_);
    const Slots& slots = *current_.load(std::memory_order_relaxed);
    for (size_t step = 0; step < slots.count; ++step) {
      Slot& slot = slots.At(address, step);
      const void* const key = slot.key.load(std::memory_order_relaxed);
      if (key == nullptr) return;
      if (key != address) continue;
      if (slot.value.load(std::memory_order_relaxed) != value) return;
      slot.key.store(Gone(), std::memory_order_release);
      --live_;
      return;
    }
  }

 private:
  struct Slot {
    std::atomic<const void*> key{nullptr};
    std::atomic<T*> value{nullptr};
  };
  struct Slots {
    explicit Slots(size_t size) : count(size), slots(new Slot[size]) {}
    Slot& At(const void* address, size_t step) const {
      const uint64_t hash = reinterpret_cast<uintptr_t>(address) * 0x9E3779B97F4A7C15U;
      return slots[((hash >> 32) + step) & (count - 1)];
    }
    size_t count;  // a power of two
    std::unique_ptr<Slot[]> slots;
  };

  // An address that no code has.
  static const void* Gone() {
    static constexpr char kGone = 0;
    return &kGone;
  }

  // True if the address was not there before.
  static bool Put(const Slots& slots, const void* address, T* value) {
    Slot* free = nullptr;
    for (size_t step = 0; step < slots.count; ++step) {
      Slot& slot = slots.At(address, step);
      const void* const key = slot.key.load(std::memory_order_relaxed);
      if (key == address) {
        slot.value.store(value, std::memory_order_release);
        return false;
      }
      if (free == nullptr && (key == nullptr || key == Gone())) free = &slot;
      if (key == nullptr) break;
    }
    free->value.store(value, std::memory_order_relaxed);
    free->key.store(address, std::memory_order_release);
    return true;
  }

  void Grow() {
    const Slots* const old = current_.load(std::memory_order_relaxed);
    all_.push_back(std::make_unique<Slots>(old == nullptr ? 64 : 2 * old->count));
    const Slots& larger = *all_.back();
    for (size_t i = 0; old != nullptr && i < old->count; ++i) {
      const void* const key = old->slots[i].key.load(std::memory_order_relaxed);
      if (key == nullptr || key == Gone()) continue;
      Put(larger, key, old->slots[i].value.load(std::memory_order_relaxed));
    }
    current_.store(&larger, std::memory_order_release);
  }

  std::mutex change_;
  std::vector<std::unique_ptr<Slots>> all_;
  std::atomic<const Slots*> current_{nullptr};
  size_t live_ = 0;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_ADDRESS_TABLE_H_
