#include "abi/python/src/values.h"

#include <cstring>
#include <string>
#include <string_view>

#include <kiln/dlpack.h>

#include "abi/python/src/buffer_array.h"
#include "abi/python/src/functions.h"
#include "abi/python/src/numpy_array.h"
#include "abi/python/src/scalars.h"
#include "abi/python/src/tensors.h"

namespace kiln::python {
namespace {

void SetObject(TVMFFIObjectHandle handle, TVMFFIAny* packed) {
  packed->type_index = static_cast<TVMFFIObject*>(handle)->type_index;
  packed->v_obj = static_cast<TVMFFIObject*>(handle);
}

PyObject* TextOf(const char* data, size_t size) {
  return PyUnicode_DecodeUTF8(data, static_cast<Py_ssize_t>(size), "surrogateescape");
}

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

bool CallFrame::Pack(PyObject* value, TVMFFIAny* packed) {
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
  if (const DLPackExchangeAPI* table = LastExchangeTable(Py_TYPE(value))) {
    return PackExchanged(value, *table, packed);
  }
  if (IsNumpyArray(value)) return PackArray(value, packed);
  if (IsObject(value)) return PackObject(value, packed);
  if (PyBool_Check(value)) {
    packed->type_index = kTVMFFIBool;
    packed->v_int64 = value == Py_True ? 1 : 0;
    return true;
  }
  if (PyUnicode_Check(value)) return PackText(value, packed);
  return PackForeign(value, packed);
}

bool CallFrame::PackInteger(PyObject* value, TVMFFIAny* packed) {
  int overflow = 0;
  const int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (number == -1 && PyErr_Occurred() != nullptr) return false;
  packed->type_index = kTVMFFIInt;
  packed->v_int64 = number;
  if (overflow == 0) return true;
  // Two's complement, lowest byte first, with room for the sign.
  // By the methods of int itself: a derived class may have others.
  auto* const integer = reinterpret_cast<PyObject*>(&PyLong_Type);
  const PyRef bits(PyObject_CallMethod(integer, "bit_length", "O", value));
  if (!bits) return false;
  const Py_ssize_t size = PyLong_AsSsize_t(bits.get()) / 8 + 1;
  const PyRef method(PyObject_GetAttrString(integer, "to_bytes"));
  const PyRef positional(Py_BuildValue("(Ons)", value, (size + 7) / 8 * 8, "little"));
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

// A view of a numpy array that may be written; one that is read-only, or that the callee may keep,
// goes as a tensor.
bool CallFrame::PackArray(PyObject* value, TVMFFIAny* packed) {
  if (array_type_ == nullptr) array_type_ = Py_TYPE(value);
  const auto& array = *reinterpret_cast<NumpyArray*>(value);
  ArrayView* const view = NewView();
  DLTensor& tensor = view->tensor;
  if (!ViewOfArray(value, &tensor, view->strides)) return false;
  if (lends_arrays_ && (array.flags & kNumpyWriteable) != 0) {
    packed->type_index = kTVMFFIDLTensorPtr;
    packed->v_ptr = &tensor;
    return true;
  }
  TVMFFIObjectHandle made = nullptr;
  const bool read_only = (array.flags & kNumpyWriteable) == 0;
  if (TensorOfMemory(tensor, value, read_only, &made) != 0) return false;
  Keep(made, packed);
  return true;
}

bool CallFrame::PackExchanged(PyObject* value, const DLPackExchangeAPI& table, TVMFFIAny* packed) {
  if (array_type_ == nullptr) array_type_ = Py_TYPE(value);
  if (lends_arrays_ && table.dltensor_from_py_object_no_sync != nullptr) {
    DLTensor& tensor = NewView()->tensor;
    if (table.dltensor_from_py_object_no_sync(value, &tensor) != 0) return false;
    packed->type_index = kTVMFFIDLTensorPtr;
    packed->v_ptr = &tensor;
    return environment_.Meet(table, tensor.device);
  }
  DLManagedTensorVersioned* managed = nullptr;
  if (table.managed_tensor_from_py_object_no_sync(value, &managed) != 0) return false;
  const DLDevice device = managed->dl_tensor.device;
  TVMFFIObjectHandle tensor = nullptr;
  if (TensorOfManaged(managed, &tensor) != 0) return false;
  Keep(tensor, packed);
  return environment_.Meet(table, device);
}

bool CallFrame::PackWithDLPack(PyObject* value, TVMFFIAny* packed) {
  if (const DLPackExchangeAPI* table = ExchangeTableOf(Py_TYPE(value))) {
    return PackExchanged(value, *table, packed);
  }
  if (array_type_ == nullptr) array_type_ = Py_TYPE(value);
  // Where there is a buffer it is quicker, and tells whether the array may be written.
  TVMFFIObjectHandle tensor = TensorOfBuffer(value);
  if (tensor == nullptr && TensorFromDLPack(value, &tensor) != 0) return false;
  Keep(tensor, packed);
  return true;
}

bool CallFrame::PackTensor(PyObject* value, TVMFFIAny* packed) {
  if (IsNumpyArray(value)) return PackArray(value, packed);
  if (Py_TYPE(value) == core.tensor_type) return PackObject(value, packed);
  if (PyObject_HasAttrString(value, "__dlpack__")) return PackWithDLPack(value, packed);
  PyErr_Format(PyExc_TypeError, "a tensor is made of an array, something with __dlpack__; got a %s",
               Py_TYPE(value)->tp_name);
  return false;
}

PyObject* CallFrame::TensorToArray(PyRef tensor) const {
  if (array_type_ == core.tensor_type) return tensor.release();
  const DLPackExchangeAPI* table = ExchangeTableOf(array_type_);
  if (table == nullptr) {
    return PyObject_CallFunctionObjArgs(core.as_array, tensor.get(),
                                        reinterpret_cast<PyObject*>(array_type_), nullptr);
  }
  DLManagedTensorVersioned* managed = nullptr;
  if (TVMFFITensorToDLPackVersioned(AsObject(tensor.get())->handle, &managed) != 0) {
    return RaiseInPython();
  }
  void* array = nullptr;
  if (table->managed_tensor_to_py_object_no_sync(managed, &array) != 0) return nullptr;
  return static_cast<PyObject*>(array);
}

bool CallFrame::PackForeign(PyObject* value, TVMFFIAny* packed) {
  if (PyBytes_Check(value)) return PackBytes(value, packed);
  PyTypeObject* const type = Py_TYPE(value);
  if (IsScalar(value, packed)) return true;
  if (PyLong_Check(value)) return PackInteger(value, packed);
  if (PyFloat_Check(value)) {
    packed->type_index = kTVMFFIFloat;
    packed->v_float64 = PyFloat_AS_DOUBLE(value);
    return true;
  }
  if (PyObject_HasAttrString(value, "__dlpack__")) return PackWithDLPack(value, packed);
  // numpy's bool is no Python bool, and an int to some versions of numpy.
  const std::string_view name(type->tp_name);
  if (name == "numpy.bool" || name == "numpy.bool_") {
    packed->type_index = kTVMFFIBool;
    packed->v_int64 = PyObject_IsTrue(value);
    return packed->v_int64 >= 0;
  }
  if (PyIndex_Check(value)) {
    PyRef number(PyNumber_Index(value));
    return number && PackInteger(number.get(), packed);
  }
  // numpy's complex numbers turn into floats with a mere warning.
  const bool is_complex = PyComplex_Check(value) || name.starts_with("numpy.complex") ||
                          name.starts_with("numpy.clongdouble");
  if (!is_complex && type->tp_as_number != nullptr && type->tp_as_number->nb_float != nullptr) {
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
  PyErr_Format(PyExc_TypeError, "a %s can't be passed", type->tp_name);
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
      return NewDtype(owned.v_dtype);
    case kTVMFFIDevice:
      return NewDevice(owned.v_device);
    default:
      break;
  }
  if (owned.type_index == kTVMFFIDLTensorPtr) {
    PyErr_SetString(
        PyExc_TypeError,
        "a function gave a DLTensor* back, which was lent to it for the call: it has to "
        "give a tensor object");
    return nullptr;
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

}  // namespace kiln::python
