// Arrays that show their memory by Python's buffer protocol, such as those of JAX on the CPU.
#ifndef KILN_ABI_PYTHON_SRC_BUFFER_ARRAY_H_
#define KILN_ABI_PYTHON_SRC_BUFFER_ARRAY_H_

#include "abi/python/src/core.h"

namespace kiln::python {

// A tensor object of an array's buffer, read-only where the buffer is. Null, without an error,
// where the array shows none, or one of elements that the ABI does not know.
TVMFFIObjectHandle TensorOfBuffer(PyObject* array);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_BUFFER_ARRAY_H_
