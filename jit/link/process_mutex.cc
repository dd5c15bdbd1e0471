#include "jit/link/process_mutex.h"

#include <pthread.h>

namespace kiln::jit {

// All that live.
class ProcessMutexes {
 public:
  static void Add(ProcessMutex* mutex) {
    static const int kRegistered = pthread_atfork(&LockAll, &UnlockAll, &UnlockAll);
    static_cast<void>(kRegistered);
    const std::lock_guard lock(list_mutex_);
    mutex->next_ = first_;
    first_ = mutex;
  }

  static void Remove(ProcessMutex* mutex) {
    const std::lock_guard lock(list_mutex_);
    ProcessMutex** place = &first_;
    while (*place != mutex) place = &(*place)->next_;
    *place = mutex->next_;
  }

 private:
  static void LockAll() {
    list_mutex_.lock();
    for (ProcessMutex* mutex = first_; mutex != nullptr; mutex = mutex->next_) mutex->lock();
  }

  static void UnlockAll() {
    for (ProcessMutex* mutex = first_; mutex != nullptr; mutex = mutex->next_) mutex->unlock();
    list_mutex_.unlock();
  }

  static constinit std::mutex list_mutex_;
  static constinit ProcessMutex* first_;
};

constinit std::mutex ProcessMutexes::list_mutex_;
constinit ProcessMutex* ProcessMutexes::first_ = nullptr;

ProcessMutex::ProcessMutex() { ProcessMutexes::Add(this); }

ProcessMutex::~ProcessMutex() { ProcessMutexes::Remove(this); }

}  // namespace kiln::jit
