#include "abi/python/src/values.h"

#include <cstring>
#include <string>
#include <string_view>

#include <dlpack/dlpack.h>
#include <kiln/dlpack.h>

#include "abi/python/src/numpy_array.h"

namespace kiln::python {
namespace {

void SetObject(TVMFFIObjectHandle handle, TVMFFIAny* packed) {
  packed->type_index = static_cast<TVMFFIObject*>(handle)->type_index;
  packed->v_obj = static_cast<TVMFFIObject*>(handle);
}

PyObject* TextOf(const char* data, size_t size) {
  return PyUnicode_DecodeUTF8(data, static_cast<Py_ssize_t>(size), "surrogateescape");
}

// A capsule that was taken has another name.
void DropCapsule(PyObject* capsule, const char* used) { PyCapsule_SetName(capsule, used); }

}  // namespace

CallFrame::~CallFrame() {
  for (const TVMFFIObjectHandle handle : kept_) TVMFFIObjectDecRef(handle);
}

CallFrame::ArrayView* CallFrame::NewView() {
  if (view_count_ < first_views_.size()) return &first_views_[view_count_++];
  return more_views_.emplace_back(std::make_unique<ArrayView>()).get();
}

void CallFrame::Keep(TVMFFIObjectHandle owned, TVMFFIAny* packed) {
  kept_.push_back(owned);
  SetObject(owned, packed);
}

bool CallFrame::Pack(PyObject* value, TVMFFIAny* packed, Py_ssize_t index) {
  packed->zero_padding = 0;
  packed->v_int64 = 0;
  if (value == Py_None) {
    packed->type_index = kTVMFFINone;
    return true;
  }
  if (PyLong_CheckExact(value)) return PackInteger(value, packed);
  if (PyFloat_CheckExact(value)) {
    packed->type_index = kTVMFFIFloat;
    packed->v_float64 = PyFloat_AS_DOUBLE(value);
    return true;
  }
  if (IsNumpyArray(value)) return PackArray(value, packed);
  if (IsObject(value)) return PackObject(value, packed);
  if (PyBool_Check(value)) {
    packed->type_index = kTVMFFIBool;
    packed->v_int64 = value == Py_True ? 1 : 0;
    return true;
  }
  if (PyUnicode_Check(value)) return PackText(value, packed);
  return PackForeign(value, packed, index);
}

bool CallFrame::PackInteger(PyObject* value, TVMFFIAny* packed) {
  int overflow = 0;
  const int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (number == -1 && PyErr_Occurred() != nullptr) return false;
  packed->type_index = kTVMFFIInt;
  packed->v_int64 = number;
  if (overflow == 0) return true;
  // Two's complement, lowest byte first, with room for the sign.
  const PyRef bits(PyObject_CallMethod(value, "bit_length", nullptr));
  if (!bits) return false;
  const Py_ssize_t size = PyLong_AsSsize_t(bits.get()) / 8 + 1;
  const PyRef method(PyObject_GetAttrString(value, "to_bytes"));
  const PyRef positional(Py_BuildValue("(ns)", (size + 7) / 8 * 8, "little"));
  const PyRef named(Py_BuildValue("{sO}", "signed", Py_True));
  if (!method || !positional || !named) return false;
  const PyRef bytes(PyObject_Call(method.get(), positional.get(), named.get()));
  if (!bytes) return false;
  const TVMFFIByteArray content{PyBytes_AS_STRING(bytes.get()),
                                static_cast<size_t>(PyBytes_GET_SIZE(bytes.get()))};
  TVMFFIAny big{};
  if (TVMFFIBigIntFromByteArray(&content, &big) != 0) return RaiseInPython() != nullptr;
  if (big.type_index >= kTVMFFIStaticObjectBegin) kept_.push_back(big.v_obj);
  *packed = big;
  return true;
}

bool CallFrame::PackText(PyObject* value, TVMFFIAny* packed) {
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(value, &size);
  if (text == nullptr) return false;
  if (std::memchr(text, '\0', static_cast<size_t>(size)) == nullptr) {
    packed->type_index = kTVMFFIRawStr;
    packed->v_c_str = text;
    return true;
  }
  const TVMFFIByteArray content{text, static_cast<size_t>(size)};
  TVMFFIAny string{};
  if (TVMFFIStringFromByteArray(&content, &string) != 0) return RaiseInPython() != nullptr;
  if (string.type_index >= kTVMFFIStaticObjectBegin) kept_.push_back(string.v_obj);
  *packed = string;
  return true;
}

bool CallFrame::PackBytes(PyObject* value, TVMFFIAny* packed) {
  auto bytes = std::make_unique<TVMFFIByteArray>();
  bytes->data = PyBytes_AS_STRING(value);
  bytes->size = static_cast<size_t>(PyBytes_GET_SIZE(value));
  packed->type_index = kTVMFFIByteArrayPtr;
  packed->v_ptr = byte_arrays_.emplace_back(std::move(bytes)).get();
  return true;
}

bool CallFrame::PackObject(PyObject* value, TVMFFIAny* packed) {
  const TVMFFIObjectHandle handle = AsObject(value)->handle;
  if (handle == nullptr) {
    PyErr_Format(PyExc_ValueError, "a %s that holds nothing can't be passed",
                 Py_TYPE(value)->tp_name);
    return false;
  }
  SetObject(handle, packed);
  return true;
}

// A view of a numpy array that may be written; one that is read-only goes as a tensor that says so.
bool CallFrame::PackArray(PyObject* value, TVMFFIAny* packed) {
  if (array_type_ == nullptr) array_type_ = Py_TYPE(value);
  const auto& array = *reinterpret_cast<NumpyArray*>(value);
  DLDataType dtype{};
  constexpr int kPlain = kNumpyWriteable | kNumpyAligned;
  if (!lends_arrays_ || (array.flags & kPlain) != kPlain || array.ndim > 8 ||
      !ElementType(*array.descr, &dtype)) {
    TVMFFIObjectHandle tensor = nullptr;
    if (TensorFromDLPack(value, &tensor) != 0) return false;
    Keep(tensor, packed);
    return true;
  }
  ArrayView* const view = NewView();
  DLTensor& tensor = view->tensor;
  tensor.data = array.data;
  tensor.device = {kDLCPU, 0};
  tensor.ndim = array.ndim;
  tensor.dtype = dtype;
  static_assert(sizeof(Py_ssize_t) == sizeof(int64_t));
  tensor.shape = reinterpret_cast<int64_t*>(array.shape);
  tensor.strides = nullptr;
  tensor.byte_offset = 0;
  if ((array.flags & kNumpyCContiguous) == 0) {
    const int64_t size = dtype.bits / 8;
    for (int i = 0; i < array.ndim; ++i) {
      if (array.strides[i] % size != 0) {
        PyErr_SetString(PyExc_ValueError,
                        "an array whose strides are no multiples of its elements can't be passed: "
                        "copy it first");
        return false;
      }
      view->strides[static_cast<size_t>(i)] = array.strides[i] / size;
    }
    tensor.strides = view->strides.data();
  }
  packed->type_index = kTVMFFIDLTensorPtr;
  packed->v_ptr = &tensor;
  return true;
}

bool CallFrame::PackForeign(PyObject* value, TVMFFIAny* packed, Py_ssize_t index) {
  if (PyBytes_Check(value)) return PackBytes(value, packed);
  PyTypeObject* const type = Py_TYPE(value);
  if (type == core.device_type || type == core.dtype_type) {
    std::memcpy(packed, reinterpret_cast<const char*>(value) + sizeof(PyObject), sizeof(*packed));
    return true;
  }
  if (PyLong_Check(value)) return PackInteger(value, packed);
  if (PyFloat_Check(value)) {
    packed->type_index = kTVMFFIFloat;
    packed->v_float64 = PyFloat_AS_DOUBLE(value);
    return true;
  }
  if (PyObject_HasAttrString(value, "__dlpack__")) {
    if (array_type_ == nullptr) array_type_ = type;
    TVMFFIObjectHandle tensor = nullptr;
    if (TensorFromDLPack(value, &tensor) != 0) return false;
    Keep(tensor, packed);
    return true;
  }
  if (PyIndex_Check(value)) {
    PyRef number(PyNumber_Index(value));
    return number && PackInteger(number.get(), packed);
  }
  if (type->tp_as_number != nullptr && type->tp_as_number->nb_float != nullptr) {
    const PyRef number(PyNumber_Float(value));
    if (!number) return false;
    packed->type_index = kTVMFFIFloat;
    packed->v_float64 = PyFloat_AS_DOUBLE(number.get());
    return true;
  }
  // Containers: Python knows how to make them. Before callables, of which containers are none.
  if (core.convert != nullptr) {
    PyRef converted(PyObject_CallOneArg(core.convert, value));
    if (!converted) return false;
    if (IsObject(converted.get())) {
      kept_values_.push_back(PyRef::Share(converted.get()));
      return PackObject(converted.get(), packed);
    }
  }
  if (PyCallable_Check(value)) {
    TVMFFIObjectHandle function = nullptr;
    if (FunctionFromCallable(value, &function) != 0) return false;
    Keep(function, packed);
    return true;
  }
  if (index >= 0) {
    PyErr_Format(PyExc_TypeError, "argument %zd: a %s can't be passed", index, type->tp_name);
  } else {
    PyErr_Format(PyExc_TypeError, "a %s can't be passed", type->tp_name);
  }
  return false;
}

PyObject* ToPython(TVMFFIAny owned) {
  switch (owned.type_index) {
    case kTVMFFINone:
      Py_RETURN_NONE;
    case kTVMFFIInt:
      return PyLong_FromLongLong(owned.v_int64);
    case kTVMFFIBool:
      return PyBool_FromLong(owned.v_int64 != 0);
    case kTVMFFIFloat:
      return PyFloat_FromDouble(owned.v_float64);
    case kTVMFFIOpaquePtr:
      return PyLong_FromVoidPtr(owned.v_ptr);
    case kTVMFFISmallStr:
      return TextOf(owned.v_bytes, owned.small_str_len);
    case kTVMFFISmallBytes:
      return PyBytes_FromStringAndSize(owned.v_bytes, owned.small_str_len);
    case kTVMFFIDataType:
    case kTVMFFIDevice: {
      PyTypeObject* const type =
          owned.type_index == kTVMFFIDevice ? core.device_type : core.dtype_type;
      PyObject* const value = type->tp_alloc(type, 0);
      if (value == nullptr) return nullptr;
      std::memcpy(reinterpret_cast<char*>(value) + sizeof(PyObject), &owned, sizeof(owned));
      return value;
    }
    default:
      break;
  }
  if (owned.type_index < kTVMFFIStaticObjectBegin) {
    return PyErr_Format(PyExc_TypeError, "Python has no value for one of the ABI's type %d",
                        owned.type_index);
  }
  if (owned.type_index == kTVMFFIStr || owned.type_index == kTVMFFIBytes) {
    const auto& content = *reinterpret_cast<TVMFFIByteArray*>(owned.v_obj + 1);
    PyObject* const value =
        owned.type_index == kTVMFFIStr
            ? TextOf(content.data, content.size)
            : PyBytes_FromStringAndSize(content.data, static_cast<Py_ssize_t>(content.size));
    TVMFFIObjectDecRef(owned.v_obj);
    return value;
  }
  if (owned.type_index == kTVMFFIBigInt) {
    const TVMFFIByteArray content = TVMFFIBigIntGetContentByteArray(&owned);
    const PyRef bytes(
        PyBytes_FromStringAndSize(content.data, static_cast<Py_ssize_t>(content.size)));
    TVMFFIObjectDecRef(owned.v_obj);
    const PyRef from_bytes(
        PyObject_GetAttrString(reinterpret_cast<PyObject*>(&PyLong_Type), "from_bytes"));
    if (!bytes || !from_bytes) return nullptr;
    const PyRef positional(Py_BuildValue("(Os)", bytes.get(), "little"));
    const PyRef named(Py_BuildValue("{sO}", "signed", Py_True));
    if (!positional || !named) return nullptr;
    return PyObject_Call(from_bytes.get(), positional.get(), named.get());
  }
  return WrapObject(owned.v_obj);
}

int TensorFromDLPack(PyObject* value, TVMFFIObjectHandle* out) {
  // With a version first; exporters from before that do not know the argument.
  const PyRef method(PyObject_GetAttrString(value, "__dlpack__"));
  if (!method) return -1;
  const PyRef none(PyTuple_New(0));
  const PyRef newest(
      Py_BuildValue("{s(ii)}", "max_version", DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION));
  if (!none || !newest) return -1;
  PyRef capsule(PyObject_Call(method.get(), none.get(), newest.get()));
  if (!capsule && PyErr_ExceptionMatches(PyExc_TypeError)) {
    PyErr_Clear();
    capsule = PyRef(PyObject_CallNoArgs(method.get()));
  }
  if (!capsule) return -1;
  if (PyCapsule_IsValid(capsule.get(), "dltensor_versioned")) {
    auto* const managed = static_cast<DLManagedTensorVersioned*>(
        PyCapsule_GetPointer(capsule.get(), "dltensor_versioned"));
    if (TVMFFITensorFromDLPackVersioned(managed, 0, 0, out) != 0) {
      RaiseInPython();
      return -1;
    }
    DropCapsule(capsule.get(), "used_dltensor_versioned");
    return 0;
  }
  auto* const managed =
      static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule.get(), "dltensor"));
  if (managed == nullptr) return -1;
  if (TVMFFITensorFromDLPack(managed, 0, 0, out) != 0) {
    RaiseInPython();
    return -1;
  }
  DropCapsule(capsule.get(), "used_dltensor");
  return 0;
}

}  // namespace kiln::python
