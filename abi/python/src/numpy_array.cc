#include "abi/python/src/numpy_array.h"

#include <atomic>
#include <string_view>

#include <kiln/dlpack.h>

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

// Element types that the package ml_dtypes adds to numpy, whole bytes each, by the names of their
// scalar classes.
struct KnownByName {
  std::string_view name;
  int code;
  uint8_t bits;
};
constexpr KnownByName kKnownByName[] = {
    {"bfloat16", kDLBfloat, 16},
    {"float8_e3m4", kDLFloat8_e3m4, 8},
    {"float8_e4m3", kDLFloat8_e4m3, 8},
    {"float8_e4m3b11fnuz", kDLFloat8_e4m3b11fnuz, 8},
    {"float8_e4m3fn", kDLFloat8_e4m3fn, 8},
    {"float8_e4m3fnuz", kDLFloat8_e4m3fnuz, 8},
    {"float8_e5m2", kDLFloat8_e5m2, 8},
    {"float8_e5m2fnuz", kDLFloat8_e5m2fnuz, 8},
    {"float8_e8m0fnu", kDLFloat8_e8m0fnu, 8},
};

// The first number that numpy gives to types that are not its own.
constexpr int kFirstUserType = 256;

// False where the ABI has no such type.
bool ElementType(const NumpyDescr& descr, DLDataType* dtype) {
  if (descr.byte_order == '>') return false;
  if (descr.type_number >= kFirstUserType) {
    std::string_view name(descr.scalar_type->tp_name);
    name.remove_prefix(name.rfind('.') + 1);
    for (const KnownByName& known : kKnownByName) {
      if (known.name != name) continue;
      *dtype = {static_cast<uint8_t>(known.code), known.bits, 1};
      return true;
    }
    return false;
  }
  for (const Known& known : kKnown) {
    if (known.number != descr.type_number) continue;
    *dtype = {known.code, known.bits, 1};
    return true;
  }
  return false;
}

// An error that shows the array's dtype; always false.
bool Refuse(PyObject* value, PyObject* type, const char* message) {
  const PyRef dtype(PyObject_GetAttrString(value, "dtype"));
  const PyRef text(dtype ? PyObject_Str(dtype.get()) : nullptr);
  if (text) PyErr_Format(type, message, text.get());
  return false;
}

}  // namespace

bool IsNumpyArray(PyObject* value) {
  PyTypeObject* type = ndarray_type.load(std::memory_order_acquire);
  if (type != nullptr) return Py_TYPE(value) == type;
  // Only an array can be the first to be seen: its type has that name.
  if (std::string_view(Py_TYPE(value)->tp_name) != "numpy.ndarray") return false;
  type = FindNdarray();
  return type != nullptr && Py_TYPE(value) == type;
}

bool ViewOfArray(PyObject* value, DLTensor* view, std::array<int64_t, kMostDimensions>& strides) {
  const auto& array = *reinterpret_cast<NumpyArray*>(value);
  view->data = array.data;
  view->device = {kDLCPU, 0};
  view->ndim = array.ndim;
  static_assert(sizeof(Py_ssize_t) == sizeof(int64_t));
  view->shape = reinterpret_cast<int64_t*>(array.shape);
  view->strides = nullptr;
  view->byte_offset = 0;
  if (!ElementType(*array.descr, &view->dtype)) {
    return Refuse(value, PyExc_TypeError,
                  "an array of dtype %U can't be passed: convert it with astype, to native byte "
                  "order where it has another");
  }
  if ((array.flags & kNumpyAligned) == 0) {
    return Refuse(value, PyExc_ValueError,
                  "a %U array whose elements are not aligned can't be passed: copy it first");
  }
  if ((array.flags & kNumpyCContiguous) != 0) return true;
  const int64_t size = view->dtype.bits / 8;
  for (int i = 0; i < array.ndim; ++i) {
    if (array.strides[i] % size != 0) {
      return Refuse(value, PyExc_ValueError,
                    "a %U array whose strides are no multiples of its elements can't be passed: "
                    "copy it first");
    }
    strides[static_cast<size_t>(i)] = array.strides[i] / size;
  }
  view->strides = strides.data();
  return true;
}

}  // namespace kiln::python
