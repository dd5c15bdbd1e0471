#include "abi/python/src/tensors.h"

#include <memory>
#include <string>
#include <vector>

#include <tvm/ffi/extra/c_env_api.h>

#include "abi/python/src/exchange.h"
#include "abi/python/src/host_memory.h"
#include "abi/python/src/scalars.h"
#include "abi/python/src/values.h"

namespace kiln::python {
namespace {

constexpr char kVersioned[] = "dltensor_versioned";
constexpr char kUnversioned[] = "dltensor";

// A tensor of memory that a Python object owns.
struct BorrowedTensor {
  DLManagedTensorVersioned managed{};
  std::vector<int64_t> extents;  // shape, then strides
  PyObject* owner = nullptr;
};

// May run on any thread, and when Python is gone.
void ReleaseBorrowed(DLManagedTensorVersioned* self) {
  const std::unique_ptr<BorrowedTensor> tensor(static_cast<BorrowedTensor*>(self->manager_ctx));
  ReleaseFromAnyThread(tensor->owner);
}

void DropUnusedCapsule(PyObject* capsule) {
  if (PyCapsule_IsValid(capsule, kVersioned)) {
    auto* const managed =
        static_cast<DLManagedTensorVersioned*>(PyCapsule_GetPointer(capsule, kVersioned));
    if (managed->deleter != nullptr) managed->deleter(managed);
  } else if (PyCapsule_IsValid(capsule, kUnversioned)) {
    auto* const managed =
        static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule, kUnversioned));
    if (managed->deleter != nullptr) managed->deleter(managed);
  }
}

bool IsEmpty(PyObject* self) {
  if (AsObject(self)->handle != nullptr) return false;
  PyErr_SetString(PyExc_ValueError, "this tensor holds nothing");
  return true;
}

PyObject* ToDLPack(PyObject* self, PyObject* args, PyObject* named) {
  PyObject* stream = nullptr;
  PyObject* version = nullptr;
  PyObject* device = nullptr;
  PyObject* copy = nullptr;
  const char* names[] = {"stream", "max_version", "dl_device", "copy", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "|$OOOO:__dlpack__", const_cast<char**>(names),
                                  &stream, &version, &device, &copy) == 0 ||
      IsEmpty(self)) {
    return nullptr;
  }
  if (copy == Py_True) {
    PyErr_SetString(PyExc_BufferError, "a kiln.Tensor is exported without a copy");
    return nullptr;
  }
  for (PyObject* pair : {version, device}) {
    if (pair == nullptr || pair == Py_None || PyTuple_Check(pair)) continue;
    return PyErr_Format(PyExc_TypeError,
                        "max_version and dl_device are tuples of two ints, got a %s",
                        Py_TYPE(pair)->tp_name);
  }
  if (device != nullptr && device != Py_None) {
    int type = 0;
    int index = 0;
    if (PyArg_ParseTuple(device, "ii;dl_device is (type, index)", &type, &index) == 0) {
      return nullptr;
    }
    const DLDevice own = TensorOf(self).device;
    if (type != static_cast<int>(own.device_type) || index != own.device_id) {
      return PyErr_Format(PyExc_BufferError,
                          "this tensor is on device (%d, %d) and is not copied to (%d, %d)",
                          static_cast<int>(own.device_type), own.device_id, type, index);
    }
  }
  int major = 0;
  if (version != nullptr && version != Py_None) {
    int minor = 0;
    if (PyArg_ParseTuple(version, "ii;max_version is (major, minor)", &major, &minor) == 0) {
      return nullptr;
    }
  }
  if (major >= 1) {
    DLManagedTensorVersioned* managed = nullptr;
    if (TVMFFITensorToDLPackVersioned(AsObject(self)->handle, &managed) != 0) {
      return RaiseInPython();
    }
    return PyCapsule_New(managed, kVersioned, &DropUnusedCapsule);
  }
  DLManagedTensor* managed = nullptr;
  if (TVMFFITensorToDLPack(AsObject(self)->handle, &managed) != 0) return RaiseInPython();
  return PyCapsule_New(managed, kUnversioned, &DropUnusedCapsule);
}

PyObject* DLPackDevice(PyObject* self, PyObject*) {
  if (IsEmpty(self)) return nullptr;
  const DLDevice device = TensorOf(self).device;
  return Py_BuildValue("(ii)", static_cast<int>(device.device_type), device.device_id);
}

// (shape, dtype="float32", device="cpu")
PyObject* Empty(PyObject*, PyObject* args, PyObject* named) {
  PyObject* shape = nullptr;
  PyObject* dtype_given = nullptr;
  PyObject* device_given = nullptr;
  const char* names[] = {"shape", "dtype", "device", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "O|OO:empty", const_cast<char**>(names), &shape,
                                  &dtype_given, &device_given) == 0) {
    return nullptr;
  }
  DLTensor prototype{};
  prototype.dtype = {kDLFloat, 32, 1};
  prototype.device = {kDLCPU, 0};
  if (dtype_given != nullptr && !ToDtype(dtype_given, &prototype.dtype)) return nullptr;
  if (device_given != nullptr && !ToDevice(device_given, &prototype.device)) return nullptr;
  const bool is_number = PyIndex_Check(shape) != 0 && PySequence_Check(shape) == 0;
  const PyRef extents(is_number
                          ? PyTuple_Pack(1, shape)
                          : PySequence_Fast(shape, "a shape is an int or a sequence of ints"));
  if (!extents) return nullptr;
  std::vector<int64_t> numbers(static_cast<size_t>(PySequence_Fast_GET_SIZE(extents.get())));
  for (size_t i = 0; i < numbers.size(); ++i) {
    PyObject* const item = PySequence_Fast_GET_ITEM(extents.get(), static_cast<Py_ssize_t>(i));
    const PyRef number(PyNumber_Index(item));
    if (!number) return nullptr;
    numbers[i] = PyLong_AsLongLong(number.get());
    if (numbers[i] == -1 && PyErr_Occurred() != nullptr) return nullptr;
    if (numbers[i] < 0) {
      return PyErr_Format(PyExc_ValueError, "extent %zu must be 0 or more, got %lld", i,
                          static_cast<long long>(numbers[i]));
    }
  }
  prototype.shape = numbers.data();
  prototype.ndim = static_cast<int32_t>(numbers.size());
  TVMFFIObjectHandle tensor = nullptr;
  if (prototype.device.device_type != kDLCPU) {
    if (TVMFFIEnvTensorAlloc(&prototype, &tensor) != 0) return RaiseInPython();
    return WrapObject(tensor);
  }
  DLManagedTensorVersioned* managed = nullptr;
  const auto set_error = [](void*, const char* kind, const char* message) {
    TVMFFIErrorSetRaisedFromCStr(kind, message);
  };
  if (AllocateOnHost(&prototype, &managed, nullptr, set_error) != 0) return RaiseInPython();
  return TensorOfManaged(managed, &tensor) == 0 ? WrapObject(tensor) : nullptr;
}

PyObject* FromDLPack(PyObject*, PyObject* value) {
  TVMFFIObjectHandle tensor = nullptr;
  CallFrame frame(/*lends_arrays=*/false);
  TVMFFIAny packed{};
  if (!frame.PackTensor(value, &packed)) return nullptr;
  tensor = packed.v_obj;
  TVMFFIObjectIncRef(tensor);
  return WrapObject(tensor);
}

PyObject* ToNumpy(PyObject* self, PyObject*) { return PyObject_CallOneArg(core.as_numpy, self); }

PyObject* ToArray(PyObject* self, PyObject* args, PyObject* named) {
  PyObject* dtype = Py_None;
  PyObject* copy = Py_None;
  const char* names[] = {"dtype", "copy", nullptr};
  if (PyArg_ParseTupleAndKeywords(args, named, "|OO:__array__", const_cast<char**>(names), &dtype,
                                  &copy) == 0) {
    return nullptr;
  }
  return PyObject_CallFunctionObjArgs(core.as_numpy, self, dtype, copy, nullptr);
}

// The same memory as unsigned integers of the same size: how libraries see it that don't know the
// element type.
PyObject* AsBits(PyObject* self, PyObject*) {
  if (IsEmpty(self)) return nullptr;
  DLTensor view = TensorOf(self);
  view.dtype.code = kDLUInt;
  TVMFFIObjectHandle tensor = nullptr;
  if (TVMFFITensorCreateUnsafeView(AsObject(self)->handle, &view, &tensor) != 0) {
    return RaiseInPython();
  }
  return WrapObject(tensor);
}

PyObject* Shape(PyObject* self, void*) {
  return IsEmpty(self) ? nullptr : Extents(TensorOf(self).shape, TensorOf(self).ndim);
}
PyObject* Strides(PyObject* self, void*) {
  return IsEmpty(self) ? nullptr : Extents(TensorOf(self).strides, TensorOf(self).ndim);
}
PyObject* Ndim(PyObject* self, void*) {
  return IsEmpty(self) ? nullptr : PyLong_FromLong(TensorOf(self).ndim);
}
PyObject* Dtype(PyObject* self, void*) {
  return IsEmpty(self) ? nullptr : NewDtype(TensorOf(self).dtype);
}
PyObject* Device(PyObject* self, void*) {
  return IsEmpty(self) ? nullptr : NewDevice(TensorOf(self).device);
}
PyObject* Address(PyObject* self, void*) {
  if (IsEmpty(self)) return nullptr;
  return PyLong_FromVoidPtr(static_cast<char*>(TensorOf(self).data) + TensorOf(self).byte_offset);
}

PyObject* Represent(PyObject* self) {
  if (AsObject(self)->handle == nullptr) return PyUnicode_FromString("<kiln.Tensor of nothing>");
  const PyRef shape(Shape(self, nullptr)), dtype(Dtype(self, nullptr));
  const PyRef device(Device(self, nullptr));
  if (!shape || !dtype || !device) return nullptr;
  return PyUnicode_FromFormat("<kiln.Tensor: %S %S on %S>", shape.get(), dtype.get(), device.get());
}

PyGetSetDef fields[] = {
    {"shape", &Shape, nullptr, "The extents, a tuple of ints.", nullptr},
    {"strides", &Strides, nullptr, "The strides in elements, a tuple of ints.", nullptr},
    {"ndim", &Ndim, nullptr, "How many dimensions there are.", nullptr},
    {"dtype", &Dtype, nullptr, "The type of the elements, a kiln.dtype.", nullptr},
    {"device", &Device, nullptr, "Where the elements are, a kiln.Device.", nullptr},
    {"address", &Address, nullptr, "Of the first element.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

template <typename Function>
PyCFunction Method(Function* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(function));
}

PyMethodDef methods[] = {
    {"empty", Method(&Empty), METH_VARARGS | METH_KEYWORDS | METH_STATIC,
     "empty(shape, dtype='float32', device='cpu')\n--\n\n"
     "A tensor whose elements are not set: row-major, in memory aligned to 64 bytes.\n"
     "On another device than the CPU the allocator of the environment makes it, or "
     "NotImplementedError is raised."},
    {"from_dlpack", &FromDLPack, METH_O | METH_STATIC,
     "from_dlpack(array, /)\n--\n\nA tensor that shares the memory of an array and keeps it."},
    {"numpy", &ToNumpy, METH_NOARGS,
     "numpy($self, /)\n--\n\nA numpy array of the same memory; for CPU memory only."},
    {"__array__", Method(&ToArray), METH_VARARGS | METH_KEYWORDS, nullptr},
    {"__dlpack__", Method(&ToDLPack), METH_VARARGS | METH_KEYWORDS,
     "The tensor as a DLPack capsule, which shares its memory."},
    {"__dlpack_device__", &DLPackDevice, METH_NOARGS, "(device type, device index)"},
    {"_bits", &AsBits, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr}};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("A tensor of the ABI. Made by Tensor.empty and from_dlpack.")},
    {Py_tp_getset, fields},
    {Py_tp_methods, methods},
    {Py_tp_repr, reinterpret_cast<void*>(&Represent)},
    {0, nullptr}};
PyType_Spec spec = {"kiln.Tensor", sizeof(ObjectPy), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                    slots};

}  // namespace

PyObject* Extents(const int64_t* extents, int64_t count) {
  PyObject* const tuple = PyTuple_New(static_cast<Py_ssize_t>(count));
  for (int64_t i = 0; tuple != nullptr && i < count; ++i) {
    PyTuple_SET_ITEM(tuple, static_cast<Py_ssize_t>(i), PyLong_FromLongLong(extents[i]));
  }
  return tuple;
}

bool AddTensorType(PyObject* module) {
  core.tensor_type = AddType(module, "Tensor", &spec, core.object_type);
  return core.tensor_type != nullptr && AddExchangeTable(core.tensor_type);
}

int TensorOfManaged(DLManagedTensorVersioned* managed, TVMFFIObjectHandle* out) {
  if (TVMFFITensorFromDLPackVersioned(managed, 0, 0, out) == 0) return 0;
  if (managed->deleter != nullptr) managed->deleter(managed);
  RaiseInPython();
  return -1;
}

int TensorOfMemory(const DLTensor& view, PyObject* owner, bool read_only, TVMFFIObjectHandle* out) {
  auto tensor = std::make_unique<BorrowedTensor>();
  const auto ndim = static_cast<size_t>(view.ndim);
  tensor->extents.assign(view.shape, view.shape + ndim);
  if (view.strides != nullptr) {
    tensor->extents.insert(tensor->extents.end(), view.strides, view.strides + ndim);
  }
  DLManagedTensorVersioned& managed = tensor->managed;
  managed.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
  managed.manager_ctx = tensor.get();
  managed.deleter = &ReleaseBorrowed;
  managed.flags = read_only ? DLPACK_FLAG_BITMASK_READ_ONLY : 0;
  managed.dl_tensor = view;
  managed.dl_tensor.shape = tensor->extents.data();
  if (view.strides != nullptr) managed.dl_tensor.strides = tensor->extents.data() + ndim;
  tensor->owner = Py_NewRef(owner);
  return TensorOfManaged(&tensor.release()->managed, out);
}

int TensorFromDLPack(PyObject* value, TVMFFIObjectHandle* out) {
  // With a version first; exporters from before that do not know the argument.
  const PyRef method(PyObject_GetAttrString(value, "__dlpack__"));
  if (!method) return -1;
  const PyRef none(PyTuple_New(0));
  const PyRef newest(
      Py_BuildValue("{s(ii)}", "max_version", DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION));
  if (!none || !newest || !AddStream(value, newest.get())) return -1;
  PyRef capsule(PyObject_Call(method.get(), none.get(), newest.get()));
  if (!capsule && PyErr_ExceptionMatches(PyExc_TypeError)) {
    PyErr_Clear();
    capsule = PyRef(PyObject_CallNoArgs(method.get()));
  }
  if (!capsule) return -1;
  if (PyCapsule_IsValid(capsule.get(), kVersioned)) {
    auto* const managed =
        static_cast<DLManagedTensorVersioned*>(PyCapsule_GetPointer(capsule.get(), kVersioned));
    PyCapsule_SetName(capsule.get(), "used_dltensor_versioned");
    return TensorOfManaged(managed, out);
  }
  if (!PyCapsule_IsValid(capsule.get(), kUnversioned)) {
    PyErr_Format(PyExc_TypeError, "__dlpack__ of a %s gave a %s that is no unused DLPack capsule",
                 Py_TYPE(value)->tp_name, Py_TYPE(capsule.get())->tp_name);
    return -1;
  }
  auto* const managed =
      static_cast<DLManagedTensor*>(PyCapsule_GetPointer(capsule.get(), kUnversioned));
  PyCapsule_SetName(capsule.get(), "used_dltensor");
  if (TVMFFITensorFromDLPack(managed, 0, 0, out) == 0) return 0;
  if (managed->deleter != nullptr) managed->deleter(managed);
  RaiseInPython();
  return -1;
}

}  // namespace kiln::python
