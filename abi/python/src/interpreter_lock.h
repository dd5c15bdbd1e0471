// The lock of the interpreter, given back and taken again.
//
// While Python ends it lets no other thread have the lock: CPython before 3.14 ends such a thread,
// which would unwind through frames that own Python objects, or through code that can't be unwound.
// Here the thread waits for the process to end, as it does from CPython 3.14 on.
#ifndef KILN_ABI_PYTHON_SRC_INTERPRETER_LOCK_H_
#define KILN_ABI_PYTHON_SRC_INTERPRETER_LOCK_H_

#include <unistd.h>

#include "abi/python/src/core.h"

namespace kiln::python {

[[noreturn]] inline void WaitForTheEnd() {
  while (true) pause();
}

inline void TakeLock(PyThreadState* thread) {
  try {
    PyEval_RestoreThread(thread);
  } catch (...) {
    WaitForTheEnd();
  }
}

// Runs `work` without the lock.
template <typename Work>
auto WithoutLock(Work work) {
  PyThreadState* const thread = PyEval_SaveThread();
  auto result = work();
  TakeLock(thread);
  return result;
}

// On a thread that may or may not have the lock. To be undone by PyGILState_Release.
inline PyGILState_STATE EnsureLock() {
  try {
    return PyGILState_Ensure();
  } catch (...) {
    WaitForTheEnd();
  }
}

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_INTERPRETER_LOCK_H_
