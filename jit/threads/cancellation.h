#ifndef KILN_JIT_THREADS_CANCELLATION_H_
#define KILN_JIT_THREADS_CANCELLATION_H_

#include <atomic>

namespace kiln::jit {

// The wish that a piece of work should end early. It is kept: work that begins after it ends at
// once. Used for one piece of work, or for several that end together. Any thread may use it.
class Cancellation {
 public:
  Cancellation() = default;
  ~Cancellation();
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  // May be called from signal handlers, and more than once.
  void Cancel() noexcept;
  bool IsCancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

  // Readable, for poll(), from Cancel() on; not to be read. Made at the first call. Throws
  // RuntimeError where the process has no file descriptors left.
  int Descriptor() const;

 private:
  std::atomic<bool> cancelled_ = false;
  mutable std::atomic<int> event_ = -1;
};

// While it lives, `cancellation` is the one that this thread's work heeds; null: none.
class HeedCancellation {
 public:
  explicit HeedCancellation(const Cancellation* cancellation) noexcept : outer_(current_) {
    current_ = cancellation;
  }
  ~HeedCancellation() { current_ = outer_; }
  HeedCancellation(const HeedCancellation&) = delete;
  HeedCancellation& operator=(const HeedCancellation&) = delete;

  // The one that this thread's work heeds; may be null.
  static const Cancellation* Current() noexcept { return current_; }
  // Whether this thread's work is to end early. Cheap.
  static bool IsCancelled() noexcept { return current_ != nullptr && current_->IsCancelled(); }

 private:
  static inline thread_local const Cancellation* current_ = nullptr;

  const Cancellation* outer_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_THREADS_CANCELLATION_H_
