// One `T` per thread, made on first use and destroyed when the thread ends.
//
// May be asked for at any moment of a thread's life. Who asks while the thread is being taken down
// and its `T` is gone already gets another one, which is not destroyed.
#ifndef KILN_RUNTIME_PER_THREAD_H_
#define KILN_RUNTIME_PER_THREAD_H_

#include <utility>

namespace kiln::runtime {

template <typename T>
class PerThread {
 public:
  // Throws what T's default constructor throws, and std::bad_alloc.
  static T& Get() {
    if (value_ == nullptr) [[unlikely]] {
      value_ = new T();
      destroyer_.Arm();
    }
    return *value_;
  }
  // Null if this thread has made none yet.
  static T* Find() noexcept { return value_; }

 private:
  struct Destroyer {
    ~Destroyer() { delete std::exchange(value_, nullptr); }
    void Arm() noexcept {}
  };

  static inline constinit thread_local T* value_ = nullptr;
  static inline thread_local Destroyer destroyer_;
};

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_PER_THREAD_H_
