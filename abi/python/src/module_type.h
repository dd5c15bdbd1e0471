// kiln._core.Module: what the class kiln.Module derives from.
#ifndef KILN_ABI_PYTHON_SRC_MODULE_TYPE_H_
#define KILN_ABI_PYTHON_SRC_MODULE_TYPE_H_

#include "abi/python/src/core.h"

namespace kiln::python {

// Makes the type and adds it to the module. False, with a Python error set, on failure.
//
// An attribute that an instance has not is asked for once, by the method `_attribute` of the
// derived class, and kept: from then on module.f costs a look into a dict.
bool AddModuleType(PyObject* module);

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_MODULE_TYPE_H_
