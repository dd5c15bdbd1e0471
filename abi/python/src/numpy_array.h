// numpy arrays, read in place.
#ifndef KILN_ABI_PYTHON_SRC_NUMPY_ARRAY_H_
#define KILN_ABI_PYTHON_SRC_NUMPY_ARRAY_H_

#include <cstdint>
#include <string_view>

#include "abi/python/src/core.h"

namespace kiln::python {

// The head of numpy's array object and of its dtype object, as far as they are the same in numpy 1
// and 2 (numpy/ndarraytypes.h: PyArrayObject_fields, _PyArray_Descr). Part of its stable C ABI.
struct NumpyDescr {
  PyObject_HEAD PyTypeObject* scalar_type;
  char kind;
  char type;
  char byte_order;
  char former_flags;
  int type_number;
};
struct NumpyArray {
  PyObject_HEAD char* data;
  int ndim;
  Py_ssize_t* shape;
  Py_ssize_t* strides;  // in bytes
  PyObject* base;
  NumpyDescr* descr;
  int flags;
};

// numpy's flags of an array.
inline constexpr int kNumpyCContiguous = 0x1;
inline constexpr int kNumpyAligned = 0x100;
inline constexpr int kNumpyWriteable = 0x400;

// True for an instance of numpy.ndarray itself. Never imports numpy.
bool IsNumpyArray(PyObject* value);

// The ABI's type of the elements. False where it has none, or the bytes are in another order.
bool ElementType(const NumpyDescr& descr, DLDataType* dtype);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_NUMPY_ARRAY_H_
