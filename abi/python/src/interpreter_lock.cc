#include "abi/python/src/interpreter_lock.h"

#include <atomic>
#include <thread>

namespace kiln::python {
namespace {

// Threads that are about to introduce themselves.
std::atomic<int> entering{0};
std::atomic<bool> is_closed{false};

PyGILState_STATE Ensure() {
  try {
    return PyGILState_Ensure();
  } catch (...) {
    WaitForTheEnd();
  }
}

}  // namespace

bool TryEnsureLock(PyGILState_STATE* state) {
  if (PyGILState_GetThisThreadState() != nullptr) {
    *state = Ensure();
    return true;
  }
  entering.fetch_add(1);
  const bool may_enter = !is_closed.load() && Py_IsInitialized() != 0;
  if (may_enter) *state = Ensure();
  entering.fetch_sub(1);
  return may_enter;
}

void CloseToNewThreads() {
  is_closed.store(true);
  WithoutLock([] {
    while (entering.load() != 0) std::this_thread::yield();
    return 0;
  });
}

}  // namespace kiln::python
