#include "runtime/rcu.h"

#include <pthread.h>

#include <thread>

namespace kiln::runtime {
namespace {

constinit std::atomic<ReaderSlot*> all_slots{nullptr};
constinit thread_local bool thread_has_ended = false;

struct ReturnAtThreadEnd {
  ~ReturnAtThreadEnd() {
    thread_has_ended = true;
    if (rcu::reader_slot == nullptr) return;
    rcu::ReturnReaderSlot(rcu::reader_slot);
    rcu::reader_slot = nullptr;
  }
  void Arm() noexcept {}
};
thread_local ReturnAtThreadEnd return_at_thread_end;

// A forked child has one thread; the sections of all others stay unfinished for ever.
void ForgetOtherThreads() {
  for (ReaderSlot* slot = all_slots.load(); slot != nullptr; slot = slot->next) {
    if (slot == rcu::reader_slot) continue;
    slot->section.store(0);
    slot->taken.store(false);
  }
}

ReaderSlot* FindFreeSlot() {
  for (ReaderSlot* slot = all_slots.load(); slot != nullptr; slot = slot->next) {
    if (!slot->taken.load(std::memory_order_relaxed) && !slot->taken.exchange(true)) return slot;
  }
  return nullptr;
}

ReaderSlot* AddSlot() {
  [[maybe_unused]] static const int registered =
      pthread_atfork(nullptr, nullptr, &ForgetOtherThreads);
  auto* slot = new ReaderSlot();
  slot->next = all_slots.load();
  while (!all_slots.compare_exchange_weak(slot->next, slot)) {
  }
  return slot;
}

}  // namespace

namespace rcu {

constinit thread_local ReaderSlot* reader_slot = nullptr;

ReaderSlot* TakeReaderSlot() {
  ReaderSlot* slot = FindFreeSlot();
  if (slot == nullptr) slot = AddSlot();
  // A thread that is being taken down borrows a slot for one section only.
  if (!thread_has_ended) {
    reader_slot = slot;
    return_at_thread_end.Arm();
  }
  return slot;
}

void ReturnReaderSlot(ReaderSlot* slot) noexcept { slot->taken.store(false); }

}  // namespace rcu

void WaitForReaders() noexcept {
  for (ReaderSlot* slot = all_slots.load(); slot != nullptr; slot = slot->next) {
    const uint64_t section = slot->section.load();
    if (section == 0) continue;
    while (slot->section.load() == section) std::this_thread::yield();
  }
}

}  // namespace kiln::runtime
