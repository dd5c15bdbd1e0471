// The type kiln.Function.
#include "abi/python/src/functions.h"
#include "abi/python/src/objects.h"

namespace kiln::python {
namespace {

void Deallocate(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  FunctionPy* const function = AsFunction(self);
  ReleaseHandle(function->base.handle);
  Py_XDECREF(function->name);
  Py_XDECREF(function->origin);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* New(PyTypeObject* type, PyObject* args, PyObject* named) {
  PyObject* callable = nullptr;
  const char* names[] = {"", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "O:Function", const_cast<char**>(names),
                                  &callable) == 0) {
    return nullptr;
  }
  if (PyCallable_Check(callable) == 0) {
    return PyErr_Format(PyExc_TypeError, "kiln.Function takes a callable, got a %s",
                        Py_TYPE(callable)->tp_name);
  }
  PyRef self(type->tp_alloc(type, 0));
  if (!self) return nullptr;
  FunctionPy* const function = AsFunction(self.get());
  SetCall(self.get());
  if (FunctionFromCallable(callable, &function->base.handle) != 0) return nullptr;
  function->origin = Py_NewRef(callable);
  function->name = PyObject_GetAttrString(callable, "__name__");
  if (function->name == nullptr) PyErr_Clear();
  return self.release();
}

PyObject* Represent(PyObject* self) {
  PyObject* const name = AsFunction(self)->name;
  if (name == nullptr) {
    return PyUnicode_FromFormat("<kiln.Function at %p>", AsObject(self)->handle);
  }
  return PyUnicode_FromFormat("<kiln.Function %S at %p>", name, AsObject(self)->handle);
}

// kernel[grid, block]: the kernel, launched that way.
PyObject* WithLaunch(PyObject* self, PyObject* key) {
  return PyObject_CallFunctionObjArgs(core.with_launch, self, key, nullptr);
}

// As an attribute of a class it stays what it is, like Python's builtin functions. To Python's
// documentation tools whatever has this method is a routine.
PyObject* Get(PyObject* self, PyObject*, PyObject*) { return Py_NewRef(self); }

PyObject* Name(PyObject* self, void*) {
  PyObject* const name = AsFunction(self)->name;
  return name == nullptr ? PyUnicode_FromString("function") : Py_NewRef(name);
}
PyObject* Origin(PyObject* self, void*) {
  PyObject* const origin = AsFunction(self)->origin;
  return Py_NewRef(origin == nullptr ? Py_None : origin);
}
PyObject* ReleasesGil(PyObject* self, void*) {
  return PyBool_FromLong(AsFunction(self)->releases_gil ? 1 : 0);
}
int SetReleasesGil(PyObject* self, PyObject* value, void*) {
  const int releases = value == nullptr ? 0 : PyObject_IsTrue(value);
  if (releases < 0) return -1;
  AsFunction(self)->releases_gil = releases != 0;
  SetCall(self);
  return 0;
}

PyGetSetDef fields[] = {
    {"__name__", &Name, nullptr, nullptr, nullptr},
    {"__qualname__", &Name, nullptr, nullptr, nullptr},
    {"_origin", &Origin, nullptr, nullptr, nullptr},
    {"release_gil", &ReleasesGil, &SetReleasesGil,
     "Whether other threads run Python while a call of this object is under way. A bool; false at "
     "first.",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(FunctionPy, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(&New)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(&Deallocate)},
                       {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
                       {Py_tp_repr, reinterpret_cast<void*>(&Represent)},
                       {Py_tp_descr_get, reinterpret_cast<void*>(&Get)},
                       {Py_tp_members, members},
                       {Py_tp_getset, fields},
                       {Py_mp_subscript, reinterpret_cast<void*>(&WithLaunch)},
                       {0, nullptr}};
PyType_Spec spec = {"kiln.Function", sizeof(FunctionPy), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL, slots};

}  // namespace

bool AddFunctionType(PyObject* module) {
  core.function_type = AddType(module, "Function", &spec, core.object_type);
  return core.function_type != nullptr;
}

PyObject* NameFunction(PyObject*, PyObject* args) {
  PyObject* function = nullptr;
  PyObject* name = nullptr;
  PyObject* origin = nullptr;
  if (PyArg_ParseTuple(args, "O!UO", core.function_type, &function, &name, &origin) == 0) {
    return nullptr;
  }
  Py_XSETREF(AsFunction(function)->name, Py_NewRef(name));
  // An instance of its own: the module that is given may hold the function.
  PyObject* kept = origin;
  if (IsObject(origin) && AsObject(origin)->handle != nullptr) {
    TVMFFIObjectIncRef(AsObject(origin)->handle);
    kept = WrapObject(AsObject(origin)->handle);
    if (kept == nullptr) return nullptr;
  } else {
    Py_INCREF(kept);
  }
  Py_XSETREF(AsFunction(function)->origin, kept);
  return Py_NewRef(function);
}

}  // namespace kiln::python
