#include "abi/python/src/numpy_array.h"

#include <atomic>

namespace kiln::python {
namespace {

// numpy.ndarray, once numpy is loaded.
std::atomic<PyTypeObject*> ndarray_type{nullptr};

PyTypeObject* FindNdarray() {
  PyObject* modules = PyImport_GetModuleDict();  // borrowed
  PyObject* numpy = modules == nullptr ? nullptr : PyDict_GetItemString(modules, "numpy");
  if (numpy == nullptr) return nullptr;
  PyRef type(PyObject_GetAttrString(numpy, "ndarray"));
  if (!type) {
    PyErr_Clear();
    return nullptr;
  }
  if (!PyType_Check(type.get())) return nullptr;
  auto* found = reinterpret_cast<PyTypeObject*>(type.get());
  PyTypeObject* expected = nullptr;
  // Kept for ever, as numpy is.
  if (ndarray_type.compare_exchange_strong(expected, found)) type.release();
  return ndarray_type.load();
}

// numpy's numbers of types (NPY_TYPES).
struct Known {
  int number;
  uint8_t code;
  uint8_t bits;
};
constexpr Known kKnown[] = {
    {0, kDLBool, 8},    {1, kDLInt, 8},       {2, kDLUInt, 8},       {3, kDLInt, 16},
    {4, kDLUInt, 16},   {5, kDLInt, 32},      {6, kDLUInt, 32},      {7, kDLInt, 64},
    {8, kDLUInt, 64},   {9, kDLInt, 64},      {10, kDLUInt, 64},     {11, kDLFloat, 32},
    {12, kDLFloat, 64}, {14, kDLComplex, 64}, {15, kDLComplex, 128}, {23, kDLFloat, 16},
};

}  // namespace

bool IsNumpyArray(PyObject* value) {
  PyTypeObject* type = ndarray_type.load(std::memory_order_acquire);
  if (type != nullptr) return Py_TYPE(value) == type;
  // Only an array can be the first to be seen: its type has that name.
  if (std::string_view(Py_TYPE(value)->tp_name) != "numpy.ndarray") return false;
  type = FindNdarray();
  return type != nullptr && Py_TYPE(value) == type;
}

bool ElementType(const NumpyDescr& descr, DLDataType* dtype) {
  if (descr.byte_order == '>') return false;
  for (const Known& known : kKnown) {
    if (known.number == descr.type_number) {
      *dtype = {known.code, known.bits, 1};
      return true;
    }
  }
  return false;
}

}  // namespace kiln::python
