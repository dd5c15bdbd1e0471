// kiln.Tensor, and tensor objects made of what Python holds.
#ifndef KILN_ABI_PYTHON_SRC_TENSORS_H_
#define KILN_ABI_PYTHON_SRC_TENSORS_H_

#include <kiln/dlpack.h>

#include "abi/python/src/core.h"

namespace kiln::python {

// Makes the type and adds it to the module, with its DLPack exchange table. False, with a Python
// error set, on failure.
bool AddTensorType(PyObject* module);

// The tensor that an instance of kiln.Tensor holds.
inline const DLTensor& TensorOf(PyObject* self) {
  return *reinterpret_cast<DLTensor*>(static_cast<TVMFFIObject*>(AsObject(self)->handle) + 1);
}

// The functions below give 0 and a new reference, or -1 with a Python error set.

// From anything with __dlpack__.
int TensorFromDLPack(PyObject* value, TVMFFIObjectHandle* out);

// Of the memory that `view` describes, which lives as long as `owner` does. Shape and strides are
// copied; absent strides mean row-major.
int TensorOfMemory(const DLTensor& view, PyObject* owner, bool read_only, TVMFFIObjectHandle* out);

// Takes `managed` over, also where it fails.
int TensorOfManaged(DLManagedTensorVersioned* managed, TVMFFIObjectHandle* out);

// A tuple of ints.
PyObject* Extents(const int64_t* extents, int64_t count);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_TENSORS_H_
