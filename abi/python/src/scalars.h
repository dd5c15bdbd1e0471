// kiln.Device and kiln.dtype: values of the ABI that are no objects.
#ifndef KILN_ABI_PYTHON_SRC_SCALARS_H_
#define KILN_ABI_PYTHON_SRC_SCALARS_H_

#include "abi/python/src/core.h"

namespace kiln::python {

// Makes both types and adds them to the module. False, with a Python error set, on failure.
bool AddScalarTypes(PyObject* module);

// Instances; null with a Python error set.
PyObject* NewDtype(DLDataType dtype);
PyObject* NewDevice(DLDevice device);

// True for an instance of either, which becomes *packed.
bool IsScalar(PyObject* value, TVMFFIAny* packed);

// Reads what Python takes for a dtype or device: an instance, or a str. False with a Python error
// set.
bool ToDtype(PyObject* value, DLDataType* dtype);
bool ToDevice(PyObject* value, DLDevice* device);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_SCALARS_H_
