#include "abi/python/src/module_type.h"

namespace kiln::python {
namespace {

struct ModulePy {
  ObjectPy base;
  PyObject* found;  // dict: name -> what `_attribute` gave; null until there is one
  // The entry that was asked for last, the name as it was given; null until there is one.
  PyObject* last_name;
  PyObject* last_value;
};
ModulePy* AsModule(PyObject* self) { return reinterpret_cast<ModulePy*>(self); }

void Deallocate(PyObject* self) {
  Py_CLEAR(AsModule(self)->found);
  Py_CLEAR(AsModule(self)->last_name);
  Py_CLEAR(AsModule(self)->last_value);
  core.object_type->tp_dealloc(self);
}

PyObject* GetAttribute(PyObject* self, PyObject* name) {
  ModulePy* const module = AsModule(self);
  // Names in code are interned: one name is one object.
  if (module->last_name == name) return Py_NewRef(module->last_value);
  if (module->found != nullptr) {
    PyObject* const value = PyDict_GetItemWithError(module->found, name);
    if (value != nullptr) {
#ifndef Py_GIL_DISABLED
      Py_XSETREF(module->last_value, Py_NewRef(value));
      Py_XSETREF(module->last_name, Py_NewRef(name));
#endif
      return Py_NewRef(value);
    }
    if (PyErr_Occurred() != nullptr) return nullptr;
  }
  PyObject* const own = PyObject_GenericGetAttr(self, name);
  if (own != nullptr || PyErr_ExceptionMatches(PyExc_AttributeError) == 0) return own;
  const TVMFFIByteArray text = BytesOf(name);
  // Python asks for many of these, which no module has.
  if (text.data == nullptr || (text.size > 1 && text.data[0] == '_' && text.data[1] == '_')) {
    return nullptr;
  }
  PyErr_Clear();
  const PyRef value(PyObject_CallMethod(self, "_attribute", "O", name));
  if (!value) return nullptr;
#ifdef Py_GIL_DISABLED
  Py_BEGIN_CRITICAL_SECTION(self);
#endif
  if (module->found == nullptr) module->found = PyDict_New();
#ifdef Py_GIL_DISABLED
  Py_END_CRITICAL_SECTION();
#endif
  if (module->found == nullptr) return nullptr;
  // The first to come stays, where several threads asked.
  return Py_XNewRef(PyDict_SetDefault(module->found, name, value.get()));
}

// What an instance of a class without a method of its own says.
PyObject* NoAttribute(PyObject*, PyObject* name) {
  return PyErr_Format(PyExc_AttributeError, "there is no attribute '%S'", name);
}

PyMethodDef methods[] = {{"_attribute", &NoAttribute, METH_O, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(&Deallocate)},
                       {Py_tp_methods, methods},
                       {Py_tp_getattro, reinterpret_cast<void*>(&GetAttribute)},
                       {0, nullptr}};
PyType_Spec spec = {"kiln._core.Module", sizeof(ModulePy), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

bool AddModuleType(PyObject* module) {
  return AddType(module, "Module", &spec, core.object_type) != nullptr;
}

}  // namespace kiln::python
