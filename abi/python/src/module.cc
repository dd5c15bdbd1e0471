// kiln._core: what the Python part of the package is written with.

#include <string_view>

#include <tvm/ffi/extra/c_env_api.h>

#include "abi/python/src/core.h"
#include "abi/python/src/exchange.h"
#include "abi/python/src/functions.h"
#include "abi/python/src/host_memory.h"
#include "abi/python/src/interpreter_lock.h"
#include "abi/python/src/module_type.h"
#include "abi/python/src/objects.h"
#include "abi/python/src/scalars.h"
#include "abi/python/src/tensors.h"
#include "abi/python/src/values.h"

namespace kiln::python {

Core core;

PyTypeObject* AddType(PyObject* module, const char* name, PyType_Spec* spec, PyTypeObject* base) {
  const PyRef bases(base == nullptr ? nullptr : PyTuple_Pack(1, base));
  PyObject* const type =
      base == nullptr ? PyType_FromSpec(spec) : PyType_FromSpecWithBases(spec, bases.get());
  if (type == nullptr || PyModule_AddObjectRef(module, name, type) != 0) return nullptr;
  return reinterpret_cast<PyTypeObject*>(type);
}

TVMFFIByteArray BytesOf(PyObject* text) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text, &size);
  return {data, data == nullptr ? 0 : static_cast<size_t>(size)};
}

void ReleaseFromAnyThread(PyObject* owned) {
  PyGILState_STATE state;
  if (!TryEnsureLock(&state)) return;
  Py_DECREF(owned);
  PyGILState_Release(state);
}

namespace {

PyObject* GetGlobal(PyObject*, PyObject* name) {
  if (!PyUnicode_Check(name)) {
    return PyErr_Format(PyExc_TypeError, "the name of a function must be a str, got a %s",
                        Py_TYPE(name)->tp_name);
  }
  const TVMFFIByteArray bytes = BytesOf(name);
  TVMFFIObjectHandle function = nullptr;
  if (bytes.data == nullptr) return nullptr;
  if (TVMFFIFunctionGetGlobal(&bytes, &function) != 0) return RaiseInPython();
  if (function == nullptr) Py_RETURN_NONE;
  PyObject* const self = WrapObject(function);
  if (self == nullptr) return nullptr;
  AsFunction(self)->name = Py_NewRef(name);
  // The runtime's own functions make and fill containers, which keep what they are given.
  if (std::string_view(bytes.data, bytes.size).starts_with("ffi.")) SetKeeping(self);
  return self;
}

PyObject* SetGlobal(PyObject*, PyObject* args) {
  PyObject* name = nullptr;
  PyObject* function = nullptr;
  int may_override = 0;
  if (PyArg_ParseTuple(args, "UO!p", &name, core.function_type, &function, &may_override) == 0) {
    return nullptr;
  }
  const TVMFFIByteArray bytes = BytesOf(name);
  if (bytes.data == nullptr) return nullptr;
  if (TVMFFIFunctionSetGlobal(&bytes, AsObject(function)->handle, may_override) != 0) {
    return RaiseInPython();
  }
  Py_RETURN_NONE;
}

PyObject* ShapeExtents(PyObject*, PyObject* shape) {
  if (!IsObject(shape) || AsObject(shape)->handle == nullptr ||
      static_cast<TVMFFIObject*>(AsObject(shape)->handle)->type_index != kTVMFFIShape) {
    return PyErr_Format(PyExc_TypeError, "shape_extents takes a kiln.Shape");
  }
  const auto& cell =
      *reinterpret_cast<TVMFFIShapeCell*>(static_cast<TVMFFIObject*>(AsObject(shape)->handle) + 1);
  return Extents(cell.data, static_cast<int64_t>(cell.size));
}

PyObject* End(PyObject*, PyObject*) {
  CloseToNewThreads();
  core.has_ended = true;
  Py_RETURN_NONE;
}

// The parts of `core` that are written in Python, by name.
struct Part {
  const char* name;
  PyObject** place;
};
const Part parts[] = {{"error_classes", &core.error_classes},
                      {"error_base", &core.error_base},
                      {"convert", &core.convert},
                      {"with_launch", &core.with_launch},
                      {"as_array", &core.as_array},
                      {"as_numpy", &core.as_numpy},
                      {"class_of", &core.class_of},
                      {"place_of", &core.place_of}};

PyObject* Configure(PyObject*, PyObject*, PyObject* named) {
  for (const Part& part : parts) {
    PyObject* const value = named == nullptr ? nullptr : PyDict_GetItemString(named, part.name);
    if (value == nullptr) return PyErr_Format(PyExc_TypeError, "configure lacks %s", part.name);
    Py_XSETREF(*part.place, Py_NewRef(value));
  }
  Py_RETURN_NONE;
}

template <typename Function>
PyCFunction Method(Function* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(function));
}

PyMethodDef functions[] = {
    {"get_global", &GetGlobal, METH_O, "The global function of that name, or None."},
    {"set_global", &SetGlobal, METH_VARARGS, "(name, function, override)"},
    {"call_unlocked", Method(&CallUnlocked), METH_FASTCALL,
     "(function, *args): a call that lets other threads run Python."},
    {"hook", &Hook, METH_O, "A function of the ABI that calls a callable, as long as Python runs."},
    {"end", &End, METH_NOARGS, "To be called when Python begins to end."},
    {"shape_extents", &ShapeExtents, METH_O, "The extents of a kiln.Shape, a tuple of ints."},
    {"name_function", &NameFunction, METH_VARARGS, "(function, name, origin) -> the function"},
    {"set_stream", &SetStream, METH_VARARGS, "(device, address, change of depth) -> address"},
    {"register_class", &RegisterClass, METH_VARARGS, "(type key, class)"},
    {"registered_class", &RegisteredClass, METH_O, "The class for a type key, or None."},
    {"type_info", &TypeInfo, METH_O, "What reflection tells of a type, a dict; None of others."},
    {"get_field", &GetField, METH_VARARGS, "(object, type index, field index)"},
    {"set_field", &SetField, METH_VARARGS, "(object, type index, field index, value)"},
    {"adopt", &Adopt, METH_VARARGS, "(class, object) -> the object as an instance of the class"},
    {"configure", Method(&Configure), METH_VARARGS | METH_KEYWORDS,
     "Tells what is written in Python, each by its name."},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "kiln._core",
                          "The ABI, for the package kiln.",
                          -1,
                          functions,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};

// What kernels that run long, or that make tensors, ask of the process.
bool OfferEnvironment() {
  struct Symbol {
    const char* name;
    void* address;
  };
  const Symbol symbols[] = {
      {"PyErr_CheckSignals", reinterpret_cast<void*>(&PyErr_CheckSignals)},
      {"PyGILState_Ensure", reinterpret_cast<void*>(&PyGILState_Ensure)},
      {"PyGILState_Release", reinterpret_cast<void*>(&PyGILState_Release)},
  };
  for (const Symbol& symbol : symbols) {
    if (TVMFFIEnvRegisterCAPI(symbol.name, symbol.address) != 0) return RaiseInPython() != nullptr;
  }
  if (TVMFFIEnvGetDLPackManagedTensorAllocator() != nullptr) return true;
  // For the process, not for this thread: that would hide what is set for the process later.
  return (TVMFFIEnvSetDLPackManagedTensorAllocator(&AllocateOnHost, 1, nullptr) == 0 &&
          TVMFFIEnvSetDLPackManagedTensorAllocator(nullptr, 0, nullptr) == 0) ||
         RaiseInPython() != nullptr;
}

}  // namespace
}  // namespace kiln::python

PyMODINIT_FUNC PyInit__core() {
  using namespace kiln::python;  // NOLINT(google-build-using-namespace)
  PyRef module(PyModule_Create(&definition));
  if (!module) return nullptr;
#ifdef Py_GIL_DISABLED
  // What the module keeps is set once, while it is imported, or lies in dicts, which lock
  // themselves.
  PyUnstable_Module_SetGIL(module.get(), Py_MOD_GIL_NOT_USED);
#endif
  core.classes = PyDict_New();
  core.exchange_tables = PyDict_New();
  core.error_classes = PyDict_New();
  core.error_base = Py_NewRef(PyExc_RuntimeError);
  if (core.classes == nullptr || core.exchange_tables == nullptr || core.error_classes == nullptr ||
      !AddObjectType(module.get()) || !AddFunctionType(module.get()) ||
      !AddModuleType(module.get()) || !AddTensorType(module.get()) ||
      !AddScalarTypes(module.get()) || !OfferEnvironment()) {
    return nullptr;
  }
  return module.release();
}
