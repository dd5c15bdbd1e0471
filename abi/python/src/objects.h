// kiln.Object, and what reflection tells of the types of objects.
#ifndef KILN_ABI_PYTHON_SRC_OBJECTS_H_
#define KILN_ABI_PYTHON_SRC_OBJECTS_H_

#include "abi/python/src/core.h"

namespace kiln::python {

// Makes the type and adds it to the module. False, with a Python error set, on failure.
bool AddObjectType(PyObject* module);

// Drops what an instance holds; null is ignored.
void ReleaseHandle(TVMFFIObjectHandle handle);

// Functions of the module.
PyObject* RegisterClass(PyObject* module, PyObject* args);   // (type key, class)
PyObject* RegisteredClass(PyObject* module, PyObject* key);  // a class, or None
PyObject* TypeInfo(PyObject* module, PyObject* key);         // a dict, or None
PyObject* GetField(PyObject* module, PyObject* args);        // (object, type index, field index)
PyObject* SetField(PyObject* module, PyObject* args);        // (..., value)
// (class, object) -> an instance of the class that holds the same object.
PyObject* Adopt(PyObject* module, PyObject* args);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_OBJECTS_H_
