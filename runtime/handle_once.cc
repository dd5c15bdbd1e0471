#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <kiln/error.h>

#include "runtime/argument.h"

namespace kiln::runtime {
namespace {

// Initialisers under way, and the threads that wait for one. Each handle has its own turn: an
// initialiser may use other handles. Only a circle of threads that wait for each other is refused.
class Initialisers {
 public:
  // Never destroyed: threads may still run while the process exits.
  static Initialisers& Global() {
    static auto* const initialisers = new Initialisers();
    return *initialisers;
  }

  // True if the caller must initialise the handle and then call End; false if it is initialised.
  bool Begin(void** handle) {
    const auto self = std::this_thread::get_id();
    std::unique_lock lock(mutex_);
    while (true) {
      if (__atomic_load_n(handle, __ATOMIC_ACQUIRE) != nullptr) return false;
      if (Find(running_, handle) == nullptr) break;
      if (WaitsFor(handle, self)) {
        throw Error("RuntimeError",
                    "TVMFFIHandleInitOnce: the initialiser of a handle needs that same handle");
      }
      waiting_.push_back({handle, self});
      changed_.wait(lock);
      std::erase_if(waiting_, [&](const Turn& turn) { return turn.thread == self; });
    }
    running_.push_back({handle, self});
    return true;
  }

  void End(void** handle) {
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(running_, [&](const Turn& turn) { return turn.handle == handle; });
    }
    changed_.notify_all();
  }

 private:
  struct Turn {
    void** handle;
    std::thread::id thread;
  };

  static const Turn* Find(const std::vector<Turn>& turns, void** handle) {
    const auto it = std::ranges::find(turns, handle, &Turn::handle);
    return it == turns.end() ? nullptr : &*it;
  }

  // True if the initialiser of `handle` is `thread`'s or waits, maybe through others, for one of
  // its.
  bool WaitsFor(void** handle, std::thread::id thread) const {
    for (const Turn* turn = Find(running_, handle); turn != nullptr;) {
      if (turn->thread == thread) return true;
      const auto wait = std::ranges::find(waiting_, turn->thread, &Turn::thread);
      if (wait == waiting_.end()) return false;
      turn = Find(running_, wait->handle);
    }
    return false;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Turn> running_;
  std::vector<Turn> waiting_;
};

int InitOnce(void** handle, int (*init_func)(void** result)) {
  if (!Initialisers::Global().Begin(handle)) return 0;
  void* result = nullptr;
  const int code = init_func(&result);
  if (code == 0 && result != nullptr) __atomic_store_n(handle, result, __ATOMIC_RELEASE);
  Initialisers::Global().End(handle);
  if (code == 0 && result == nullptr) {
    throw Error("RuntimeError", "TVMFFIHandleInitOnce: the initialiser returned 0 but no handle");
  }
  return code;
}

}  // namespace
}  // namespace kiln::runtime

extern "C" {

int TVMFFIHandleInitOnce(void** handle_addr, int (*init_func)(void** result)) {
  int code = 0;
  const int failed = kiln::SafeCall([&] {
    kiln::runtime::Required(handle_addr, "a handle's address");
    if (__atomic_load_n(handle_addr, __ATOMIC_ACQUIRE) != nullptr) return;
    kiln::runtime::Required(init_func, "a handle's initialiser");
    code = kiln::runtime::InitOnce(handle_addr, init_func);
  });
  return failed != 0 ? failed : code;
}

int TVMFFIHandleDeinitOnce(void** handle_addr, int (*deinit_func)(void* handle)) {
  int code = 0;
  const int failed = kiln::SafeCall([&] {
    kiln::runtime::Required(handle_addr, "a handle's address");
    kiln::runtime::Required(deinit_func, "a handle's deinitialiser");
    void* handle = __atomic_exchange_n(handle_addr, nullptr, __ATOMIC_ACQ_REL);
    if (handle != nullptr) code = deinit_func(handle);
  });
  return failed != 0 ? failed : code;
}

}  // extern "C"
