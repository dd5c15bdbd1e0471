// kiln._core: the types, and the functions that the Python part of the package is written with.

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <kiln/dlpack.h>

#include "abi/python/src/core.h"
#include "abi/python/src/functions.h"
#include "abi/python/src/values.h"

namespace kiln::python {

Core core;

namespace {

TVMFFIByteArray BytesOf(PyObject* text) {
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(text, &size);
  return {data, data == nullptr ? 0 : static_cast<size_t>(size)};
}

// --- kiln.Object
// ------------------------------------------------------------------------------------

void DeallocateObject(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  if (PyType_IS_GC(type)) PyObject_GC_UnTrack(self);
  if (AsObject(self)->handle != nullptr) TVMFFIObjectDecRef(AsObject(self)->handle);
  type->tp_free(self);
  Py_DECREF(type);
}

PyObject* TypeKey(PyObject* self, void*) {
  if (AsObject(self)->handle == nullptr) Py_RETURN_NONE;
  const auto* object = static_cast<TVMFFIObject*>(AsObject(self)->handle);
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(object->type_index);
  return PyUnicode_FromStringAndSize(info->type_key.data,
                                     static_cast<Py_ssize_t>(info->type_key.size));
}

PyObject* Address(PyObject* self, void*) { return PyLong_FromVoidPtr(AsObject(self)->handle); }

PyObject* CompareObjects(PyObject* self, PyObject* other, int operation) {
  if (!IsObject(other) || (operation != Py_EQ && operation != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
  const bool same = AsObject(self)->handle == AsObject(other)->handle;
  return PyBool_FromLong(same == (operation == Py_EQ));
}

Py_hash_t HashObject(PyObject* self) {
  const auto bits = reinterpret_cast<uintptr_t>(AsObject(self)->handle);
  const auto hash = static_cast<Py_hash_t>(bits >> 4);
  return hash == -1 ? -2 : hash;
}

PyGetSetDef object_fields[] = {{"type_key", &TypeKey, nullptr,
                                "The ABI's name of the object's type: 'ffi.Function'.", nullptr},
                               {"_address", &Address, nullptr, nullptr, nullptr},
                               {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot object_slots[] = {
    {Py_tp_doc, const_cast<char*>("An object of the ABI. Two are equal where they are one.")},
    {Py_tp_dealloc, reinterpret_cast<void*>(&DeallocateObject)},
    {Py_tp_getset, object_fields},
    {Py_tp_richcompare, reinterpret_cast<void*>(&CompareObjects)},
    {Py_tp_hash, reinterpret_cast<void*>(&HashObject)},
    {0, nullptr}};
PyType_Spec object_spec = {"kiln.Object", sizeof(ObjectPy), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, object_slots};

// --- kiln.Function
// ----------------------------------------------------------------------------------

PyMemberDef function_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(ObjectPy, vectorcall), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr}};

PyObject* NewFunction(PyTypeObject* type, PyObject* args, PyObject* named) {
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
  PyObject* const self = type->tp_alloc(type, 0);
  if (self == nullptr) return nullptr;
  AsObject(self)->vectorcall = &CallFunction;
  if (FunctionFromCallable(callable, &AsObject(self)->handle) != 0) {
    Py_DECREF(self);
    return nullptr;
  }
  return self;
}

// kernel[grid, block]: the kernel, launched that way.
PyObject* WithLaunch(PyObject* self, PyObject* key) {
  return PyObject_CallFunctionObjArgs(core.with_launch, self, key, nullptr);
}

PyType_Slot function_slots[] = {
    {Py_tp_doc,
     const_cast<char*>("A function of the ABI: f(*args). Made from a Python callable, or "
                       "found in a module or by name.")},
    {Py_tp_new, reinterpret_cast<void*>(&NewFunction)},
    {Py_tp_call, reinterpret_cast<void*>(&PyVectorcall_Call)},
    {Py_tp_members, function_members},
    {Py_mp_subscript, reinterpret_cast<void*>(&WithLaunch)},
    {0, nullptr}};
PyType_Spec function_spec = {"kiln.Function", sizeof(ObjectPy), 0,
                             Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL, function_slots};

// --- kiln.Device, kiln.dtype
// ------------------------------------------------------------------------

// A value of the ABI that is no object.
struct ValuePy {
  PyObject_HEAD TVMFFIAny value;
};
TVMFFIAny& ValueOf(PyObject* self) { return reinterpret_cast<ValuePy*>(self)->value; }

PyObject* NewValue(PyTypeObject* type, const TVMFFIAny& value) {
  PyObject* const self = type->tp_alloc(type, 0);
  if (self != nullptr) ValueOf(self) = value;
  return self;
}

PyObject* CompareValues(PyObject* self, PyObject* other, int operation) {
  if (Py_TYPE(self) != Py_TYPE(other) || (operation != Py_EQ && operation != Py_NE)) {
    Py_RETURN_NOTIMPLEMENTED;
  }
  const bool same = ValueOf(self).v_uint64 == ValueOf(other).v_uint64;
  return PyBool_FromLong(same == (operation == Py_EQ));
}
Py_hash_t HashValue(PyObject* self) {
  const auto hash = static_cast<Py_hash_t>(ValueOf(self).v_uint64 * 0x9E3779B97F4A7C15U >> 2);
  return hash == -1 ? -2 : hash;
}

struct DeviceName {
  const char* name;
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

PyObject* NewDevice(PyTypeObject* type, PyObject* args, PyObject* named) {
  const char* text = nullptr;
  int index = 0;
  const char* names[] = {"type", "index", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "s|i:Device", const_cast<char**>(names), &text,
                                  &index) == 0) {
    return nullptr;
  }
  std::string name = text;
  if (const size_t colon = name.find(':'); colon != std::string::npos) {
    index = std::atoi(name.c_str() + colon + 1);
    name.resize(colon);
  }
  for (const DeviceName& known : kDeviceNames) {
    if (name != known.name) continue;
    TVMFFIAny value{};
    value.type_index = kTVMFFIDevice;
    value.v_device = {static_cast<DLDeviceType>(known.type), index};
    return NewValue(type, value);
  }
  return PyErr_Format(PyExc_ValueError, "there is no device type '%s'", name.c_str());
}

PyObject* DeviceText(PyObject* self) {
  const DLDevice device = ValueOf(self).v_device;
  for (const DeviceName& known : kDeviceNames) {
    if (device.device_type == known.type) {
      return PyUnicode_FromFormat("%s:%d", known.name, device.device_id);
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
    {Py_tp_new, reinterpret_cast<void*>(&NewDevice)},
    {Py_tp_repr, reinterpret_cast<void*>(&DeviceText)},
    {Py_tp_getset, device_fields},
    {Py_tp_richcompare, reinterpret_cast<void*>(&CompareValues)},
    {Py_tp_hash, reinterpret_cast<void*>(&HashValue)},
    {0, nullptr}};
PyType_Spec device_spec = {"kiln.Device", sizeof(ValuePy), 0, Py_TPFLAGS_DEFAULT, device_slots};

PyObject* NewDtype(PyTypeObject* type, PyObject* args, PyObject* named) {
  PyObject* text = nullptr;
  const char* names[] = {"", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "U:dtype", const_cast<char**>(names), &text) == 0) {
    return nullptr;
  }
  const TVMFFIByteArray bytes = BytesOf(text);
  TVMFFIAny value{};
  value.type_index = kTVMFFIDataType;
  if (TVMFFIDataTypeFromString(&bytes, &value.v_dtype) != 0) return RaiseInPython();
  return NewValue(type, value);
}
PyObject* DtypeText(PyObject* self) {
  TVMFFIAny text{};
  if (TVMFFIDataTypeToString(&ValueOf(self).v_dtype, &text) != 0) return RaiseInPython();
  return ToPython(text);
}
PyType_Slot dtype_slots[] = {
    {Py_tp_doc, const_cast<char*>("dtype('float32'): the type of a tensor's elements.")},
    {Py_tp_new, reinterpret_cast<void*>(&NewDtype)},
    {Py_tp_repr, reinterpret_cast<void*>(&DtypeText)},
    {Py_tp_richcompare, reinterpret_cast<void*>(&CompareValues)},
    {Py_tp_hash, reinterpret_cast<void*>(&HashValue)},
    {0, nullptr}};
PyType_Spec dtype_spec = {"kiln.dtype", sizeof(ValuePy), 0, Py_TPFLAGS_DEFAULT, dtype_slots};

// --- kiln.Tensor
// ------------------------------------------------------------------------------------

const DLTensor& TensorOf(PyObject* self) {
  return *reinterpret_cast<DLTensor*>(static_cast<TVMFFIObject*>(AsObject(self)->handle) + 1);
}

void DropUnusedCapsule(PyObject* capsule) {
  if (PyCapsule_IsValid(capsule, "dltensor_versioned")) {
    auto* const managed =
        static_cast<DLManagedTensorVersioned*>(PyCapsule_GetPointer(capsule, "dltensor_versioned"));
    if (managed->deleter != nullptr) managed->deleter(managed);
  } else if (PyCapsule_IsValid(capsule, "dltensor")) {
    auto* const managed = static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule, "dltensor"));
    if (managed->deleter != nullptr) managed->deleter(managed);
  }
}

PyObject* TensorDLPack(PyObject* self, PyObject* args, PyObject* named) {
  PyObject* stream = nullptr;
  PyObject* version = nullptr;
  PyObject* device = nullptr;
  PyObject* copy = nullptr;
  const char* names[] = {"stream", "max_version", "dl_device", "copy", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "|$OOOO:__dlpack__", const_cast<char**>(names),
                                  &stream, &version, &device, &copy) == 0) {
    return nullptr;
  }
  if (copy == Py_True) {
    PyErr_SetString(PyExc_BufferError, "a kiln.Tensor is exported without a copy");
    return nullptr;
  }
  if (version != nullptr && version != Py_None) {
    DLManagedTensorVersioned* managed = nullptr;
    if (TVMFFITensorToDLPackVersioned(AsObject(self)->handle, &managed) != 0) {
      return RaiseInPython();
    }
    return PyCapsule_New(managed, "dltensor_versioned", &DropUnusedCapsule);
  }
  DLManagedTensor* managed = nullptr;
  if (TVMFFITensorToDLPack(AsObject(self)->handle, &managed) != 0) return RaiseInPython();
  return PyCapsule_New(managed, "dltensor", &DropUnusedCapsule);
}

PyObject* TensorDLPackDevice(PyObject* self, PyObject*) {
  const DLDevice device = TensorOf(self).device;
  return Py_BuildValue("(ii)", static_cast<int>(device.device_type), device.device_id);
}

PyObject* Extents(const int64_t* extents, int32_t count) {
  PyObject* const tuple = PyTuple_New(count);
  for (int32_t i = 0; tuple != nullptr && i < count; ++i) {
    PyTuple_SET_ITEM(tuple, i, PyLong_FromLongLong(extents[i]));
  }
  return tuple;
}
PyObject* TensorShape(PyObject* self, void*) {
  return Extents(TensorOf(self).shape, TensorOf(self).ndim);
}
PyObject* TensorStrides(PyObject* self, void*) {
  return Extents(TensorOf(self).strides, TensorOf(self).ndim);
}
PyObject* TensorDtype(PyObject* self, void*) {
  TVMFFIAny value{};
  value.type_index = kTVMFFIDataType;
  value.v_dtype = TensorOf(self).dtype;
  return NewValue(core.dtype_type, value);
}
PyObject* TensorDevice(PyObject* self, void*) {
  TVMFFIAny value{};
  value.type_index = kTVMFFIDevice;
  value.v_device = TensorOf(self).device;
  return NewValue(core.device_type, value);
}
PyObject* TensorAddress(PyObject* self, void*) {
  return PyLong_FromVoidPtr(static_cast<char*>(TensorOf(self).data) + TensorOf(self).byte_offset);
}
PyGetSetDef tensor_fields[] = {
    {"shape", &TensorShape, nullptr, "The extents, a tuple of ints.", nullptr},
    {"strides", &TensorStrides, nullptr, "The strides in elements, a tuple of ints.", nullptr},
    {"dtype", &TensorDtype, nullptr, "The type of the elements, a kiln.dtype.", nullptr},
    {"device", &TensorDevice, nullptr, "Where the elements are, a kiln.Device.", nullptr},
    {"address", &TensorAddress, nullptr, "Of the first element.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyMethodDef tensor_methods[] = {
    {"__dlpack__", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(&TensorDLPack)),
     METH_VARARGS | METH_KEYWORDS, "The tensor as a DLPack capsule, which shares its memory."},
    {"__dlpack_device__", &TensorDLPackDevice, METH_NOARGS, "(device type, device index)"},
    {nullptr, nullptr, 0, nullptr}};
PyType_Slot tensor_slots[] = {
    {Py_tp_doc, const_cast<char*>("A tensor of the ABI. Made by from_dlpack and empty.")},
    {Py_tp_getset, tensor_fields},
    {Py_tp_methods, tensor_methods},
    {0, nullptr}};
PyType_Spec tensor_spec = {"kiln.Tensor", sizeof(ObjectPy), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, tensor_slots};

// --- Functions of the module
// ------------------------------------------------------------------------

PyObject* GetGlobal(PyObject*, PyObject* name) {
  if (!PyUnicode_Check(name)) return PyErr_Format(PyExc_TypeError, "a name must be a str");
  const TVMFFIByteArray bytes = BytesOf(name);
  TVMFFIObjectHandle function = nullptr;
  if (bytes.data == nullptr) return nullptr;
  if (TVMFFIFunctionGetGlobal(&bytes, &function) != 0) return RaiseInPython();
  if (function == nullptr) Py_RETURN_NONE;
  return WrapObject(function);
}

PyObject* SetGlobal(PyObject*, PyObject* args) {
  PyObject* name = nullptr;
  PyObject* function = nullptr;
  int may_override = 0;
  if (PyArg_ParseTuple(args, "UO!p", &name, core.function_type, &function, &may_override) == 0) {
    return nullptr;
  }
  const TVMFFIByteArray bytes = BytesOf(name);
  if (TVMFFIFunctionSetGlobal(&bytes, AsObject(function)->handle, may_override) != 0) {
    return RaiseInPython();
  }
  Py_RETURN_NONE;
}

// Calls with the lock of the interpreter given back: (function, *args).
PyObject* CallUnlocked(PyObject*, PyObject* const* args, Py_ssize_t count) {
  if (count < 1 || !IsObject(args[0])) {
    return PyErr_Format(PyExc_TypeError, "call_unlocked takes a kiln.Function and its arguments");
  }
  CallFrame frame(/*lends_arrays=*/false);
  std::unique_ptr<TVMFFIAny[]> packed(new TVMFFIAny[static_cast<size_t>(count)]);
  for (Py_ssize_t i = 1; i < count; ++i) {
    if (!frame.Pack(args[i], &packed[static_cast<size_t>(i) - 1], i - 1)) return nullptr;
  }
  TVMFFIAny result{};
  int status = 0;
  Py_BEGIN_ALLOW_THREADS status = TVMFFIFunctionCall(AsObject(args[0])->handle, packed.get(),
                                                     static_cast<int32_t>(count - 1), &result);
  Py_END_ALLOW_THREADS if (status != 0) return RaiseInPython();
  return ToPython(result);
}

PyObject* FromDLPack(PyObject*, PyObject* value) {
  TVMFFIObjectHandle tensor = nullptr;
  if (TensorFromDLPack(value, &tensor) != 0) return nullptr;
  return WrapObject(tensor);
}

PyObject* ShapeExtents(PyObject*, PyObject* shape) {
  if (!IsObject(shape) || AsObject(shape)->handle == nullptr ||
      static_cast<TVMFFIObject*>(AsObject(shape)->handle)->type_index != kTVMFFIShape) {
    return PyErr_Format(PyExc_TypeError, "shape_extents takes a kiln.Shape");
  }
  const auto& cell =
      *reinterpret_cast<TVMFFIShapeCell*>(static_cast<TVMFFIObject*>(AsObject(shape)->handle) + 1);
  return Extents(cell.data, static_cast<int32_t>(cell.size));
}

PyObject* RegisterClass(PyObject*, PyObject* args) {
  PyObject* key = nullptr;
  PyObject* type = nullptr;
  if (PyArg_ParseTuple(args, "UO!", &key, &PyType_Type, &type) == 0) return nullptr;
  const TVMFFIByteArray bytes = BytesOf(key);
  int32_t index = 0;
  if (TVMFFITypeKeyToIndex(&bytes, &index) != 0) return RaiseInPython();
  const PyRef number(PyLong_FromLong(index));
  if (!number || PyDict_SetItem(core.classes, number.get(), type) != 0) return nullptr;
  Py_RETURN_NONE;
}

// What the Python part defines: error classes, conversions, and how kernels are launched.
PyObject* Configure(PyObject*, PyObject* args) {
  PyObject* classes = nullptr;
  PyObject* base = nullptr;
  PyObject* convert = nullptr;
  PyObject* as_array = nullptr;
  PyObject* with_launch = nullptr;
  if (PyArg_ParseTuple(args, "O!OOOO", &PyDict_Type, &classes, &base, &convert, &as_array,
                       &with_launch) == 0) {
    return nullptr;
  }
  Py_XSETREF(core.with_launch, Py_NewRef(with_launch));
  Py_XSETREF(core.error_classes, Py_NewRef(classes));
  Py_XSETREF(core.error_base, Py_NewRef(base));
  Py_XSETREF(core.convert, Py_NewRef(convert));
  Py_XSETREF(core.as_array, Py_NewRef(as_array));
  Py_RETURN_NONE;
}

PyMethodDef functions[] = {
    {"get_global", &GetGlobal, METH_O, "The global function of that name, or None."},
    {"set_global", &SetGlobal, METH_VARARGS, "(name, function, override)"},
    {"call_unlocked", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(&CallUnlocked)),
     METH_FASTCALL, "(function, *args): a call that lets other threads run Python."},
    {"from_dlpack", &FromDLPack, METH_O, "A kiln.Tensor that shares the memory of an array."},
    {"shape_extents", &ShapeExtents, METH_O, "The extents of a kiln.Shape, a tuple of ints."},
    {"register_class", &RegisterClass, METH_VARARGS, "(type key, class)"},
    {"configure", &Configure, METH_VARARGS,
     "(error classes, error base, convert, as_array, with_launch)"},
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

PyTypeObject* MakeType(PyType_Spec* spec, PyTypeObject* base, PyObject* module, const char* name) {
  const PyRef bases(base == nullptr ? nullptr : PyTuple_Pack(1, base));
  PyObject* const type =
      base == nullptr ? PyType_FromSpec(spec) : PyType_FromSpecWithBases(spec, bases.get());
  if (type == nullptr || PyModule_AddObjectRef(module, name, type) != 0) return nullptr;
  return reinterpret_cast<PyTypeObject*>(type);
}

bool SetClass(int index, PyTypeObject* type) {
  const PyRef number(PyLong_FromLong(index));
  return number &&
         PyDict_SetItem(core.classes, number.get(), reinterpret_cast<PyObject*>(type)) == 0;
}

}  // namespace

PyObject* WrapObject(TVMFFIObjectHandle owned) {
  const int32_t index = static_cast<TVMFFIObject*>(owned)->type_index;
  PyTypeObject* type = nullptr;
  if (index == kTVMFFIFunction) {
    type = core.function_type;
  } else if (index == kTVMFFITensor) {
    type = core.tensor_type;
  } else {
    const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
    for (int32_t depth = info->type_depth; type == nullptr && depth >= 0; --depth) {
      const int32_t candidate =
          depth == info->type_depth ? index : info->type_ancestors[depth]->type_index;
      const PyRef number(PyLong_FromLong(candidate));
      PyObject* const found = number ? PyDict_GetItem(core.classes, number.get()) : nullptr;
      type = reinterpret_cast<PyTypeObject*>(found);
    }
    if (type == nullptr) type = core.object_type;
  }
  PyObject* const self = type->tp_alloc(type, 0);
  if (self == nullptr) {
    TVMFFIObjectDecRef(owned);
    return nullptr;
  }
  AsObject(self)->handle = owned;
  AsObject(self)->vectorcall = &CallFunction;
  return self;
}

}  // namespace kiln::python

PyMODINIT_FUNC PyInit__core() {
  using namespace kiln::python;  // NOLINT(google-build-using-namespace)
  PyRef module(PyModule_Create(&definition));
  if (!module) return nullptr;
  core.classes = PyDict_New();
  core.error_classes = PyDict_New();
  core.error_base = Py_NewRef(PyExc_RuntimeError);
  core.object_type = MakeType(&object_spec, nullptr, module.get(), "Object");
  if (core.object_type == nullptr) return nullptr;
  core.function_type = MakeType(&function_spec, core.object_type, module.get(), "Function");
  core.tensor_type = MakeType(&tensor_spec, core.object_type, module.get(), "Tensor");
  core.device_type = MakeType(&device_spec, nullptr, module.get(), "Device");
  core.dtype_type = MakeType(&dtype_spec, nullptr, module.get(), "dtype");
  if (core.function_type == nullptr || core.tensor_type == nullptr || core.device_type == nullptr ||
      core.dtype_type == nullptr || !SetClass(kTVMFFIObject, core.object_type)) {
    return nullptr;
  }
  return module.release();
}
