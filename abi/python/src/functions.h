// kiln.Function: functions of the ABI as Python callables, and Python callables as functions.
#ifndef KILN_ABI_PYTHON_SRC_FUNCTIONS_H_
#define KILN_ABI_PYTHON_SRC_FUNCTIONS_H_

#include "abi/python/src/core.h"

namespace kiln::python {

// Makes the type and adds it to the module. False, with a Python error set, on failure.
bool AddFunctionType(PyObject* module);

// The vectorcalls of kiln.Function. The second gives the lock of the interpreter back while the
// function runs.
PyObject* CallFunction(PyObject* self, PyObject* const* args, size_t flags, PyObject* names);
PyObject* CallFunctionUnlocked(PyObject* self, PyObject* const* args, size_t flags,
                               PyObject* names);

// A function of the ABI that calls `callable`; -1 with a Python error set.
int FunctionFromCallable(PyObject* callable, TVMFFIObjectHandle* out);

// (function, name, origin): what the function is called and where it comes from.
PyObject* NameFunction(PyObject* module, PyObject* args);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_FUNCTIONS_H_
