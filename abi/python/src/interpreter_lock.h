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

// Takes the lock on a thread that may or may not have it; to be undone by PyGILState_Release. False
// where the thread has never run Python, and Python is ending or has ended.
bool TryEnsureLock(PyGILState_STATE* state);

// Lets no more threads in that have never run Python. To be called with the lock, when Python
// begins to end: a thread that introduces itself to Python while that is taken apart would crash.
void CloseToNewThreads();

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_INTERPRETER_LOCK_H_
