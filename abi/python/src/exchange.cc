#include "abi/python/src/exchange.h"

#include <atomic>

#include "abi/python/src/host_memory.h"
#include "abi/python/src/scalars.h"
#include "abi/python/src/tensors.h"

namespace kiln::python {
namespace {

constexpr char kCapsule[] = "dlpack_exchange_api";
constexpr char kAttribute[] = "__dlpack_c_exchange_api__";

int FromPython(void* object, DLManagedTensorVersioned** out) {
  if (TVMFFITensorToDLPackVersioned(AsObject(static_cast<PyObject*>(object))->handle, out) == 0) {
    return 0;
  }
  RaiseInPython();
  return -1;
}

int ToPythonObject(DLManagedTensorVersioned* tensor, void** out) {
  TVMFFIObjectHandle made = nullptr;
  *out = TensorOfManaged(tensor, &made) == 0 ? WrapObject(made) : nullptr;
  return *out == nullptr ? -1 : 0;
}

int ViewOf(void* object, DLTensor* out) {
  *out = TensorOf(static_cast<PyObject*>(object));
  return 0;
}

int CurrentStream(DLDeviceType type, int32_t index, void** out) {
  *out = type == kDLCPU ? nullptr : TVMFFIEnvGetStream(type, index);
  return 0;
}

DLPackExchangeAPI own_table = {{{DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION}, nullptr},
                               &AllocateOnHost,
                               &FromPython,
                               &ToPythonObject,
                               &ViewOf,
                               &CurrentStream};

// The table that a class shows: the newest whose layout is known here.
const DLPackExchangeAPI* ReadTable(PyTypeObject* type) {
  static PyObject* const name = PyUnicode_InternFromString(kAttribute);
  // Quick, and no exception, for the many classes that have none. Borrowed.
  const PyRef capsule = PyRef::Share(name == nullptr ? nullptr : _PyType_Lookup(type, name));
  if (!capsule || PyCapsule_IsValid(capsule.get(), kCapsule) == 0) return nullptr;
  auto* header =
      static_cast<DLPackExchangeAPIHeader*>(PyCapsule_GetPointer(capsule.get(), kCapsule));
  while (header != nullptr && header->version.major != DLPACK_MAJOR_VERSION) {
    header = header->prev_api;
  }
  return reinterpret_cast<const DLPackExchangeAPI*>(header);
}

// How many use_stream blocks this thread is in.
thread_local int chosen_streams = 0;
// Whether any thread has ever been in one.
std::atomic<bool> streams_are_used{false};

}  // namespace

thread_local constinit MetClass last_met_class{nullptr, nullptr};

const DLPackExchangeAPI* ExchangeTableOf(PyTypeObject* type) {
  if (last_met_class.type == type) return last_met_class.table;
  const DLPackExchangeAPI* table = ReadTable(type);
  if (table == nullptr) return nullptr;
  // The class stays alive, so that its address stands for it alone.
  if (PyDict_SetItem(core.exchange_tables, reinterpret_cast<PyObject*>(type), Py_None) != 0) {
    PyErr_Clear();
    return table;
  }
  last_met_class = {type, table};
  return table;
}

bool AddExchangeTable(PyTypeObject* tensor_type) {
  const PyRef capsule(PyCapsule_New(&own_table, kCapsule, nullptr));
  return capsule && PyObject_SetAttrString(reinterpret_cast<PyObject*>(tensor_type), kAttribute,
                                           capsule.get()) == 0;
}

bool BorrowedEnvironment::Meet(const DLPackExchangeAPI& table, DLDevice device) {
  if (!has_allocator_ && table.managed_tensor_allocator != nullptr) {
    has_allocator_ = TVMFFIEnvSetDLPackManagedTensorAllocator(table.managed_tensor_allocator, 0,
                                                              &former_allocator_) == 0;
  }
  if (has_stream_ || device.device_type == kDLCPU || chosen_streams > 0 ||
      table.current_work_stream == nullptr) {
    return true;
  }
  void* stream = nullptr;
  if (table.current_work_stream(device.device_type, device.device_id, &stream) != 0) return false;
  if (TVMFFIEnvSetStream(device.device_type, device.device_id, stream, &former_stream_) != 0) {
    return RaiseInPython() != nullptr;
  }
  has_stream_ = true;
  stream_device_ = device;
  return true;
}

BorrowedEnvironment::~BorrowedEnvironment() {
  if (has_allocator_) TVMFFIEnvSetDLPackManagedTensorAllocator(former_allocator_, 0, nullptr);
  if (has_stream_) {
    TVMFFIEnvSetStream(stream_device_.device_type, stream_device_.device_id, former_stream_,
                       nullptr);
  }
}

PyObject* SetStream(PyObject*, PyObject* args) {
  PyObject* device_given = nullptr;
  PyObject* stream = nullptr;
  int change = 0;
  DLDevice device{};
  if (PyArg_ParseTuple(args, "OOi", &device_given, &stream, &change) == 0 ||
      !ToDevice(device_given, &device)) {
    return nullptr;
  }
  void* const address = PyLong_AsVoidPtr(stream);
  if (address == nullptr && PyErr_Occurred() != nullptr) return nullptr;
  TVMFFIStreamHandle former = nullptr;
  if (TVMFFIEnvSetStream(device.device_type, device.device_id, address, &former) != 0) {
    return RaiseInPython();
  }
  chosen_streams += change;
  streams_are_used.store(true, std::memory_order_relaxed);
  return PyLong_FromVoidPtr(former);
}

bool AddStream(PyObject* array, PyObject* arguments) {
  if (!streams_are_used.load(std::memory_order_relaxed)) return true;
  if (PyObject_HasAttrString(array, "__dlpack_device__") == 0) return true;
  const PyRef device(PyObject_CallMethod(array, "__dlpack_device__", nullptr));
  int type = 0;
  int index = 0;
  if (device && PyTuple_Check(device.get()) == 0) {
    PyErr_Format(PyExc_TypeError, "__dlpack_device__ of a %s gave a %s, which is no (type, index)",
                 Py_TYPE(array)->tp_name, Py_TYPE(device.get())->tp_name);
    return false;
  }
  if (!device ||
      PyArg_ParseTuple(device.get(), "ii;a device is (type, index)", &type, &index) == 0) {
    return false;
  }
  if (type != static_cast<int>(kDLCUDA) && type != static_cast<int>(kDLROCM)) return true;
  void* const stream = TVMFFIEnvGetStream(type, index);
  if (stream == nullptr) return true;
  const PyRef address(PyLong_FromVoidPtr(stream));
  return address && PyDict_SetItemString(arguments, "stream", address.get()) == 0;
}

}  // namespace kiln::python
