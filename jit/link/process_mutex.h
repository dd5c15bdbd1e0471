#ifndef KILN_JIT_LINK_PROCESS_MUTEX_H_
#define KILN_JIT_LINK_PROCESS_MUTEX_H_

#include <mutex>

namespace kiln::jit {

// A mutex that a child of fork finds free, and what it guards whole: the thread that forks holds
// all of them while it does. So no thread may hold two, nor fork while it holds one.
class ProcessMutex {
 public:
  ProcessMutex();
  ~ProcessMutex();
  ProcessMutex(const ProcessMutex&) = delete;
  ProcessMutex& operator=(const ProcessMutex&) = delete;

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  friend class ProcessMutexes;

  std::mutex mutex_;
  ProcessMutex* next_ = nullptr;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_PROCESS_MUTEX_H_
