// numpy arrays, read in place.
#ifndef KILN_ABI_PYTHON_SRC_NUMPY_ARRAY_H_
#define KILN_ABI_PYTHON_SRC_NUMPY_ARRAY_H_

#include <array>
#include <cstdint>

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

// numpy's own limit is 32 up to numpy 1, and 64 from 2 on.
inline constexpr int kMostDimensions = 64;

// True for an instance of numpy.ndarray itself. Never imports numpy.
bool IsNumpyArray(PyObject* value);

// A view of an array of numpy.ndarray. Strides are left out of `view` where it is row-major; else
// they are `strides`, in elements. False, with a Python error set, where the ABI can't describe the
// array.
bool ViewOfArray(PyObject* value, DLTensor* view, std::array<int64_t, kMostDimensions>& strides);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_NUMPY_ARRAY_H_
