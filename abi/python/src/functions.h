// kiln.Function: functions of the ABI as Python callables, and Python callables as functions.
#ifndef KILN_ABI_PYTHON_SRC_FUNCTIONS_H_
#define KILN_ABI_PYTHON_SRC_FUNCTIONS_H_

#include "abi/python/src/core.h"

namespace kiln::python {

// Makes the type and adds it to the module. False, with a Python error set, on failure.
bool AddFunctionType(PyObject* module);

// Chooses the vectorcall of an instance by what it says of itself. To be called whenever that
// changes.
void SetCall(PyObject* self);

// A function of the ABI that calls `callable`; -1 with a Python error set.
int FunctionFromCallable(PyObject* callable, TVMFFIObjectHandle* out);

// (callable), a function of the module: a kiln.Function that calls it, for threads of the engine,
// which other work waits for. When Python has ended a call does nothing, where one of an ordinary
// function would not return.
PyObject* Hook(PyObject* module, PyObject* callable);

// (function, *args), a function of the module: a call that gives the lock of the interpreter back.
// Arrays go as tensor objects.
PyObject* CallUnlocked(PyObject* module, PyObject* const* args, Py_ssize_t count);

// Says of a function that it may keep the arrays that it is given.
inline void SetKeeping(PyObject* self) {
  AsFunction(self)->keeps = true;
  SetCall(self);
}

// (function, name, origin): what the function is called and where it comes from.
PyObject* NameFunction(PyObject* module, PyObject* args);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_FUNCTIONS_H_
