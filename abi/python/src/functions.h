#ifndef KILN_ABI_PYTHON_SRC_FUNCTIONS_H_
#define KILN_ABI_PYTHON_SRC_FUNCTIONS_H_

#include "abi/python/src/core.h"

namespace kiln::python {

// The vectorcall of kiln.Function.
PyObject* CallFunction(PyObject* self, PyObject* const* args, size_t flags, PyObject* names);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_FUNCTIONS_H_
