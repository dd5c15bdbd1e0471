// The extension module's own vocabulary: Python objects that hold objects of the ABI, and
// references that count themselves.
#ifndef KILN_ABI_PYTHON_SRC_CORE_H_
#define KILN_ABI_PYTHON_SRC_CORE_H_

#define PY_SSIZE_T_CLEAN
#include <Python.h>
// After Python.h, which it relies upon.
#include <structmember.h>

#include <utility>

#include <tvm/ffi/c_api.h>

namespace kiln::python {

// A strong reference to a Python object, or null.
class PyRef {
 public:
  PyRef() = default;
  explicit PyRef(PyObject* owned) : object_(owned) {}
  static PyRef Share(PyObject* borrowed) { return PyRef(Py_XNewRef(borrowed)); }
  PyRef(PyRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  PyRef& operator=(PyRef&& other) noexcept {
    Py_XSETREF(object_, std::exchange(other.object_, nullptr));
    return *this;
  }
  PyRef(const PyRef&) = delete;
  PyRef& operator=(const PyRef&) = delete;
  ~PyRef() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// What every object of the ABI is in Python: an instance of kiln.Object or of a class derived from
// it. `handle` is owned; null in an object that __new__ made and nothing filled.
struct ObjectPy {
  PyObject_HEAD TVMFFIObjectHandle handle;
};

// An instance of kiln.Function.
struct FunctionPy {
  ObjectPy base;
  vectorcallfunc vectorcall;
  PyObject* name;     // a str, or null
  PyObject* origin;   // the module that it was found in, the Python callable that it calls, or null
  bool keeps;         // it may keep the arrays that it is given: they go as tensor objects
  bool releases_gil;  // the lock of the interpreter is given back while it runs
};

// What the module keeps, made when it is imported and never freed.
struct Core {
  PyTypeObject* object_type = nullptr;
  PyTypeObject* function_type = nullptr;
  PyTypeObject* tensor_type = nullptr;
  PyTypeObject* device_type = nullptr;
  PyTypeObject* dtype_type = nullptr;
  PyObject* classes = nullptr;          // dict: type index -> class
  PyObject* exchange_tables = nullptr;  // dict: array class with a table -> None
  bool has_ended = false;               // Python is being taken apart
  // Given by the Python part of the package, in `configure`.
  PyObject* error_classes = nullptr;  // dict: kind -> exception class
  PyObject* error_base = nullptr;     // kiln.Error
  PyObject* convert = nullptr;      // what Pack calls for values of other types: an object, or None
  PyObject* with_launch = nullptr;  // (function, key) -> what function[key] is
  PyObject* as_array = nullptr;     // (tensor, array class) -> an array of that class
  PyObject* as_numpy = nullptr;     // (tensor, dtype=None, copy=None) -> a numpy array
  PyObject* class_of = nullptr;     // type key -> a class for a type that has none yet, or None
  PyObject* place_of = nullptr;     // function -> (file, line, name) for tracebacks, or None
};
extern Core core;

// Makes the Python object of an ABI object, of the class that is registered for its type or for the
// nearest type above it. Takes the reference over, also where it fails.
PyObject* WrapObject(TVMFFIObjectHandle owned);

inline bool IsObject(PyObject* value) { return PyObject_TypeCheck(value, core.object_type); }
inline ObjectPy* AsObject(PyObject* value) { return reinterpret_cast<ObjectPy*>(value); }
inline FunctionPy* AsFunction(PyObject* value) { return reinterpret_cast<FunctionPy*>(value); }

// Makes a type and adds it to the module. Null with a Python error set.
PyTypeObject* AddType(PyObject* module, const char* name, PyType_Spec* spec, PyTypeObject* base);

// The bytes of a str; they live as long as it does. `data` is null with a Python error set.
TVMFFIByteArray BytesOf(PyObject* text);

// Drops a reference from whichever thread, with or without the interpreter's lock. Where Python is
// gone, nothing is left to drop.
void ReleaseFromAnyThread(PyObject* owned);

// The raised error of this thread becomes Python's, or one of Python's becomes the raised error.
// RaiseInPython returns null, RaiseInAbi -1.
PyObject* RaiseInPython();
int RaiseInAbi();

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_CORE_H_
