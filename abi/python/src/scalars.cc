#include "abi/python/src/scalars.h"

#include <charconv>
#include <climits>
#include <string>
#include <string_view>

#include "abi/python/src/values.h"

namespace kiln::python {
namespace {

struct ScalarPy {
  PyObject_HEAD TVMFFIAny value;
};
TVMFFIAny& ValueOf(PyObject* self) { return reinterpret_cast<ScalarPy*>(self)->value; }

PyObject* NewScalar(PyTypeObject* type, const TVMFFIAny& value) {
  PyObject* const self = type->tp_alloc(type, 0);
  if (self != nullptr) ValueOf(self) = value;
  return self;
}

PyObject* Compare(PyObject* self, PyObject* other, int operation) {
  if (Py_TYPE(self) != Py_TYPE(other) || (operation != Py_EQ && operation != Py_NE)) {
    Py_RETURN_NOTIMPLEMENTED;
  }
  const bool same = ValueOf(self).v_uint64 == ValueOf(other).v_uint64;
  return PyBool_FromLong(same == (operation == Py_EQ));
}

Py_hash_t Hash(PyObject* self) {
  const auto hash = static_cast<Py_hash_t>(ValueOf(self).v_uint64 * 0x9E3779B97F4A7C15U >> 2);
  return hash == -1 ? -2 : hash;
}

struct DeviceName {
  std::string_view name;
  int type;
};
constexpr DeviceName kDeviceNames[] = {{"cpu", kDLCPU},
                                       {"cuda", kDLCUDA},
                                       {"cuda_host", kDLCUDAHost},
                                       {"cuda_managed", kDLCUDAManaged},
                                       {"opencl", kDLOpenCL},
                                       {"vulkan", kDLVulkan},
                                       {"metal", kDLMetal},
                                       {"rocm", kDLROCM}};

// "cuda" or "cuda:1"; `index` is given beside the text, or -1.
bool ReadDevice(PyObject* text, int index, DLDevice* device) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text, &size);
  if (data == nullptr) return false;
  std::string_view name(data, static_cast<size_t>(size));
  if (const size_t colon = name.find(':'); colon != std::string_view::npos) {
    if (index >= 0) {
      PyErr_Format(PyExc_ValueError, "device '%U' has its index already, got %d beside it", text,
                   index);
      return false;
    }
    const std::string_view digits = name.substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (read.ec != std::errc() || index < 0 || read.ptr != digits.data() + digits.size()) {
      PyErr_Format(PyExc_ValueError, "a device is written as 'cuda:1', got '%U'", text);
      return false;
    }
    name = name.substr(0, colon);
  }
  if (index < 0) index = 0;
  for (const DeviceName& known : kDeviceNames) {
    if (name != known.name) continue;
    *device = {static_cast<DLDeviceType>(known.type), index};
    return true;
  }
  PyErr_Format(
      PyExc_ValueError,
      "there is no device type '%s'; there are cpu, cuda, cuda_host, cuda_managed, opencl, "
      "vulkan, metal and rocm",
      std::string(name).c_str());
  return false;
}

PyObject* MakeDevice(PyTypeObject* type, PyObject* args, PyObject* named) {
  PyObject* text = nullptr;
  PyObject* index_given = nullptr;
  const char* names[] = {"type", "index", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "U|O!:Device", const_cast<char**>(names), &text,
                                  &PyLong_Type, &index_given) == 0) {
    return nullptr;
  }
  int index = -1;
  if (index_given != nullptr) {
    const long number = PyLong_AsLong(index_given);
    if (number < 0 || number > INT_MAX) {
      PyErr_Clear();
      return PyErr_Format(PyExc_ValueError, "the index of a device must be 0 to 2147483647, got %S",
                          index_given);
    }
    index = static_cast<int>(number);
  }
  TVMFFIAny value{};
  value.type_index = kTVMFFIDevice;
  if (!ReadDevice(text, index, &value.v_device)) return nullptr;
  return NewScalar(type, value);
}

PyObject* DeviceText(PyObject* self) {
  const DLDevice device = ValueOf(self).v_device;
  for (const DeviceName& known : kDeviceNames) {
    if (static_cast<int>(device.device_type) == known.type) {
      return PyUnicode_FromFormat("%s:%d", known.name.data(), device.device_id);
    }
  }
  return PyUnicode_FromFormat("device type %d:%d", static_cast<int>(device.device_type),
                              device.device_id);
}
PyObject* DeviceType(PyObject* self, void*) {
  return PyLong_FromLong(static_cast<long>(ValueOf(self).v_device.device_type));
}
PyObject* DeviceIndex(PyObject* self, void*) {
  return PyLong_FromLong(ValueOf(self).v_device.device_id);
}
PyGetSetDef device_fields[] = {
    {"type", &DeviceType, nullptr, "DLPack's number of the kind of device.", nullptr},
    {"index", &DeviceIndex, nullptr, "Which of that kind.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot device_slots[] = {
    {Py_tp_doc, const_cast<char*>("Device(type, index=0) or Device('cuda:1'): where a tensor is.")},
    {Py_tp_new, reinterpret_cast<void*>(&MakeDevice)},
    {Py_tp_repr, reinterpret_cast<void*>(&DeviceText)},
    {Py_tp_getset, device_fields},
    {Py_tp_richcompare, reinterpret_cast<void*>(&Compare)},
    {Py_tp_hash, reinterpret_cast<void*>(&Hash)},
    {0, nullptr}};
PyType_Spec device_spec = {"kiln.Device", sizeof(ScalarPy), 0, Py_TPFLAGS_DEFAULT, device_slots};

bool ReadDtype(PyObject* text, DLDataType* dtype) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text, &size);
  if (data == nullptr) return false;
  // The runtime has no names for complex numbers.
  const std::string_view name(data, static_cast<size_t>(size));
  if (name == "complex64" || name == "complex128") {
    *dtype = {kDLComplex, static_cast<uint8_t>(name == "complex64" ? 64 : 128), 1};
    return true;
  }
  const TVMFFIByteArray bytes{data, static_cast<size_t>(size)};
  return TVMFFIDataTypeFromString(&bytes, dtype) == 0 || RaiseInPython() != nullptr;
}

PyObject* MakeDtype(PyTypeObject* type, PyObject* args, PyObject* named) {
  PyObject* text = nullptr;
  const char* names[] = {"", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "U:dtype", const_cast<char**>(names), &text) == 0) {
    return nullptr;
  }
  TVMFFIAny value{};
  value.type_index = kTVMFFIDataType;
  if (!ReadDtype(text, &value.v_dtype)) return nullptr;
  return NewScalar(type, value);
}

PyObject* DtypeText(PyObject* self) {
  const DLDataType dtype = ValueOf(self).v_dtype;
  if (dtype.code == kDLComplex && dtype.lanes == 1) {
    return PyUnicode_FromFormat("complex%d", dtype.bits);
  }
  TVMFFIAny text{};
  if (TVMFFIDataTypeToString(&ValueOf(self).v_dtype, &text) != 0) return RaiseInPython();
  return ToPython(text);
}
PyObject* DtypeBits(PyObject* self, void*) { return PyLong_FromLong(ValueOf(self).v_dtype.bits); }
PyObject* DtypeLanes(PyObject* self, void*) {
  return PyLong_FromLong(static_cast<int16_t>(ValueOf(self).v_dtype.lanes));
}
PyGetSetDef dtype_fields[] = {{"bits", &DtypeBits, nullptr, "Bits of one lane.", nullptr},
                              {"lanes", &DtypeLanes, nullptr, "Lanes of one element.", nullptr},
                              {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyType_Slot dtype_slots[] = {
    {Py_tp_doc, const_cast<char*>("dtype('float32'): the type of a tensor's elements.")},
    {Py_tp_new, reinterpret_cast<void*>(&MakeDtype)},
    {Py_tp_repr, reinterpret_cast<void*>(&DtypeText)},
    {Py_tp_getset, dtype_fields},
    {Py_tp_richcompare, reinterpret_cast<void*>(&Compare)},
    {Py_tp_hash, reinterpret_cast<void*>(&Hash)},
    {0, nullptr}};
PyType_Spec dtype_spec = {"kiln.dtype", sizeof(ScalarPy), 0, Py_TPFLAGS_DEFAULT, dtype_slots};

}  // namespace

bool AddScalarTypes(PyObject* module) {
  core.device_type = AddType(module, "Device", &device_spec, nullptr);
  core.dtype_type = AddType(module, "dtype", &dtype_spec, nullptr);
  return core.device_type != nullptr && core.dtype_type != nullptr;
}

PyObject* NewDtype(DLDataType dtype) {
  TVMFFIAny value{};
  value.type_index = kTVMFFIDataType;
  value.v_dtype = dtype;
  return NewScalar(core.dtype_type, value);
}

PyObject* NewDevice(DLDevice device) {
  TVMFFIAny value{};
  value.type_index = kTVMFFIDevice;
  value.v_device = device;
  return NewScalar(core.device_type, value);
}

bool IsScalar(PyObject* value, TVMFFIAny* packed) {
  if (Py_TYPE(value) != core.device_type && Py_TYPE(value) != core.dtype_type) return false;
  *packed = ValueOf(value);
  return true;
}

bool ToDtype(PyObject* value, DLDataType* dtype) {
  if (Py_TYPE(value) == core.dtype_type) {
    *dtype = ValueOf(value).v_dtype;
    return true;
  }
  if (PyUnicode_Check(value)) return ReadDtype(value, dtype);
  // Python's own classes mean what they mean to numpy.
  if (value == reinterpret_cast<PyObject*>(&PyLong_Type)) {
    *dtype = {kDLInt, 64, 1};
    return true;
  }
  if (value == reinterpret_cast<PyObject*>(&PyFloat_Type)) {
    *dtype = {kDLFloat, 64, 1};
    return true;
  }
  const PyRef order(PyObject_GetAttrString(value, "byteorder"));
  if (order && PyUnicode_Check(order.get()) &&
      PyUnicode_CompareWithASCIIString(order.get(), ">") == 0) {
    PyErr_Format(PyExc_ValueError, "a dtype must have native byte order, got %R", value);
    return false;
  }
  PyErr_Clear();
  // numpy's and others' have a name; numpy's scalar classes are named like their dtypes.
  PyRef name(PyObject_GetAttrString(value, PyType_Check(value) ? "__name__" : "name"));
  if (name && PyUnicode_Check(name.get())) return ReadDtype(name.get(), dtype);
  PyErr_Format(PyExc_TypeError, "a dtype is a kiln.dtype or a str such as 'float32', got a %s",
               Py_TYPE(value)->tp_name);
  return false;
}

bool ToDevice(PyObject* value, DLDevice* device) {
  if (Py_TYPE(value) == core.device_type) {
    *device = ValueOf(value).v_device;
    return true;
  }
  if (PyUnicode_Check(value)) return ReadDevice(value, -1, device);
  PyErr_Format(PyExc_TypeError, "a device is a kiln.Device or a str such as 'cuda:0', got a %s",
               Py_TYPE(value)->tp_name);
  return false;
}

}  // namespace kiln::python
