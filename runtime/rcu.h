// Read-copy-update: readers that never wait, writers that wait until no reader can still hold what
// they have replaced.
//
//   reader:  ReadSection section;             writer:  T* old = pointer.exchange(fresh);
//            T* object = pointer.load();               WaitForReaders();
//            Retain(object);                           Release(old);
//
// Both sides access `pointer` with sequential consistency (the default of std::atomic). Then either
// the reader's load comes after the writer's exchange and gives the fresh object, or the writer
// sees the reader and waits for it.
//
// Each thread announces its sections in a cache line of its own: a counter that is 0 outside, and
// that differs from section to section, so that a writer waits for the sections it found under way
// and not for later ones.
#ifndef KILN_RUNTIME_RCU_H_
#define KILN_RUNTIME_RCU_H_

#include <atomic>
#include <cstdint>

namespace kiln::runtime {

// Where one thread announces its read sections. Never freed; a thread that ends passes it on.
struct alignas(64) ReaderSlot {
  std::atomic<uint64_t> section{0};  // 0, or the number of the section that is under way
  std::atomic<bool> taken{true};
  uint64_t sections = 0;       // begun so far; the owner's alone
  ReaderSlot* next = nullptr;  // all slots form one list
};

namespace rcu {

// The calling thread's slot, or null before its first section and after its end.
extern constinit thread_local ReaderSlot* reader_slot;

// Throws std::bad_alloc.
ReaderSlot* TakeReaderSlot();
void ReturnReaderSlot(ReaderSlot* slot) noexcept;

}  // namespace rcu

// While one lives, nothing is released that the thread loads from an RCU-guarded pointer. Keep it
// to a few instructions: no call of foreign code, no other section inside. The first one of a
// thread may throw std::bad_alloc.
class ReadSection {
 public:
  ReadSection() : slot_(rcu::reader_slot) {
    if (slot_ == nullptr) [[unlikely]] {
      slot_ = rcu::TakeReaderSlot();
    }
    slot_->section.exchange(++slot_->sections);
  }
  ~ReadSection() {
    slot_->section.store(0, std::memory_order_release);
    if (slot_ != rcu::reader_slot) [[unlikely]] {
      rcu::ReturnReaderSlot(slot_);
    }
  }
  ReadSection(const ReadSection&) = delete;
  ReadSection& operator=(const ReadSection&) = delete;

 private:
  ReaderSlot* slot_;
};

// Returns when every read section that was under way has ended. Not to be called inside one.
void WaitForReaders() noexcept;

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_RCU_H_
