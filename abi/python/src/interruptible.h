// Calls that may take long: other threads run Python meanwhile, and Ctrl-C ends the wait.
#ifndef KILN_ABI_PYTHON_SRC_INTERRUPTIBLE_H_
#define KILN_ABI_PYTHON_SRC_INTERRUPTIBLE_H_

#include "abi/python/src/core.h"

namespace kiln::python {

// (function, *args), a function of the module. The lock of the interpreter is given back. On the
// main thread, which is the one that signals interrupt, a thread of our own makes the call: an
// exception of a signal handler leaves it to finish by itself, and its result is dropped.
PyObject* CallUnlocked(PyObject* module, PyObject* const* args, Py_ssize_t count);

// Waits for calls that were left so, for the end of the process. False, with a Python error set,
// where a signal handler ends the wait.
bool FinishCalls();

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_INTERRUPTIBLE_H_
