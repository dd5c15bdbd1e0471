#ifndef KILN_JIT_THREADS_CANCELLATION_H_
#define KILN_JIT_THREADS_CANCELLATION_H_

#include <atomic>
#include <memory>

namespace kiln::jit {

// The wish that a piece of work should end early. Who works looks for it from time to time.
using Cancellation = std::shared_ptr<std::atomic<bool>>;

inline Cancellation MakeCancellation() { return std::make_shared<std::atomic<bool>>(false); }

// While it lives, `cancellation` is the one that this thread's work heeds; may be null.
class HeedCancellation {
 public:
  explicit HeedCancellation(const std::atomic<bool>* cancellation) noexcept : outer_(current_) {
    current_ = cancellation;
  }
  ~HeedCancellation() { current_ = outer_; }
  HeedCancellation(const HeedCancellation&) = delete;
  HeedCancellation& operator=(const HeedCancellation&) = delete;

  // Whether this thread's work is to end early. Cheap.
  static bool IsCancelled() noexcept {
    return current_ != nullptr && current_->load(std::memory_order_relaxed);
  }

 private:
  static inline thread_local const std::atomic<bool>* current_ = nullptr;

  const std::atomic<bool>* outer_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_THREADS_CANCELLATION_H_
