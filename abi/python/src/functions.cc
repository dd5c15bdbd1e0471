// Functions of the ABI as Python callables, and Python callables as functions of the ABI.
#include "abi/python/src/functions.h"

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include <kiln/dlpack.h>

#include "abi/python/src/interpreter_lock.h"
#include "abi/python/src/tensors.h"
#include "abi/python/src/traceback.h"
#include "abi/python/src/values.h"

namespace kiln::python {
namespace {

constexpr Py_ssize_t kFewArguments = 8;

// The entry of functions that TVMFFIFunctionCreate makes, such as those of Python callables; null
// until there is one.
std::atomic<TVMFFISafeCallType> created_entry{nullptr};

TVMFFIFunctionCell* CellOf(TVMFFIObjectHandle function) {
  return reinterpret_cast<TVMFFIFunctionCell*>(static_cast<TVMFFIObject*>(function) + 1);
}

// Puts the number of an argument in front of what is wrong with it. Exceptions of other classes
// than Python's own for such errors stay as they are: they are an array's own.
void NameArgument(Py_ssize_t index) {
  PyObject* type = nullptr;
  PyObject* value = nullptr;
  PyObject* traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  if (type != PyExc_TypeError && type != PyExc_ValueError && type != PyExc_BufferError &&
      type != PyExc_OverflowError) {
    PyErr_Restore(type, value, traceback);
    return;
  }
  PyErr_NormalizeException(&type, &value, &traceback);
  PyErr_Format(type, "argument %zd: %S", index, value);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
}

// Any number of arguments.
template <bool kKeeps, bool kReleasesGil>
PyObject* Call(PyObject* self, TVMFFIObjectHandle function, PyObject* const* args,
               Py_ssize_t count) {
  const TVMFFISafeCallType entry = CellOf(function)->safe_call;
  // What is written in Python may keep what it is given.
  CallFrame frame(/*lends_arrays=*/!kKeeps &&
                  entry != created_entry.load(std::memory_order_relaxed));
  std::array<TVMFFIAny, kFewArguments> few;
  std::unique_ptr<TVMFFIAny[]> many;
  TVMFFIAny* packed = few.data();
  if (count > kFewArguments) {
    many = std::make_unique<TVMFFIAny[]>(static_cast<size_t>(count));
    packed = many.get();
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    if (frame.Pack(args[i], &packed[i])) continue;
    // What a container is made of has its number in the call that the container is for.
    if (!kKeeps) NameArgument(i);
    return nullptr;
  }
  TVMFFIAny result{};
  int status = 0;
  if constexpr (kReleasesGil) {
    // The frame keeps what the arguments point to; the function may be dropped meanwhile.
    TVMFFIObjectIncRef(function);
    status =
        WithoutLock([&] { return entry(function, packed, static_cast<int32_t>(count), &result); });
    TVMFFIObjectDecRef(function);
  } else {
    status = entry(function, packed, static_cast<int32_t>(count), &result);
  }
  if (status != 0) {
    RaiseInPython();
    AddFunctionToTraceback(self);
    return nullptr;
  }
  // A check for signals has failed in the function, which took no notice.
  if (PyErr_Occurred() != nullptr) {
    if (result.type_index >= kTVMFFIStaticObjectBegin) TVMFFIObjectDecRef(result.v_obj);
    return nullptr;
  }
  if (result.type_index == kTVMFFINone) Py_RETURN_NONE;
  return frame.ToArray(PyRef(ToPython(result)));
}

template <bool kKeeps, bool kReleasesGil>
PyObject* CheckedCall(PyObject* self, PyObject* const* args, size_t flags, PyObject* names) {
  const TVMFFIObjectHandle function = AsObject(self)->handle;
  if (names != nullptr && PyTuple_GET_SIZE(names) != 0) {
    return PyErr_Format(PyExc_TypeError,
                        "functions of the ABI take their arguments by position, got '%U' by name",
                        PyTuple_GET_ITEM(names, 0));
  }
  return Call<kKeeps, kReleasesGil>(self, function, args, PyVectorcall_NARGS(flags));
}

// The tensors that the caller of a Python callable lends for the call: DLTensor* that nothing keeps
// alive afterwards.
class LentTensors {
 public:
  LentTensors() = default;
  ~LentTensors() {
    for (const TVMFFIObjectHandle tensor : tensors_) TVMFFIObjectDecRef(tensor);
  }
  LentTensors(const LentTensors&) = delete;
  LentTensors& operator=(const LentTensors&) = delete;

  // A tensor object for a lent one; 0, or -1 with an ABI error raised.
  int Lend(const DLTensor& lent, TVMFFIAny* owned) {
    auto* const managed = new DLManagedTensorVersioned{};
    managed->version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    managed->dl_tensor = lent;
    managed->deleter = [](DLManagedTensorVersioned* self) { delete self; };
    TVMFFIObjectHandle tensor = nullptr;
    if (TVMFFITensorFromDLPackVersioned(managed, 0, 0, &tensor) != 0) {
      delete managed;
      return -1;
    }
    tensors_.push_back(tensor);
    TVMFFIObjectIncRef(tensor);
    owned->type_index = kTVMFFITensor;
    owned->v_obj = static_cast<TVMFFIObject*>(tensor);
    return 0;
  }

  bool AnyIsKept() const {
    for (const TVMFFIObjectHandle tensor : tensors_) {
      const auto& count = static_cast<TVMFFIObject*>(tensor)->combined_ref_count;
      if ((__atomic_load_n(&count, __ATOMIC_ACQUIRE) & UINT32_MAX) > 1) return true;
    }
    return false;
  }

 private:
  std::vector<TVMFFIObjectHandle> tensors_;
};

// The arguments of a call to Python: owned values, in an array that has room before it, as
// vectorcall likes it.
class PythonArguments {
 public:
  explicit PythonArguments(int32_t count) : count_(count) {
    if (static_cast<size_t>(count) >= few_.size()) {
      many_ = std::make_unique<PyObject*[]>(static_cast<size_t>(count) + 1);
    }
  }
  ~PythonArguments() {
    for (int32_t i = 0; i < filled_; ++i) Py_DECREF(values()[i]);
  }
  PythonArguments(const PythonArguments&) = delete;
  PythonArguments& operator=(const PythonArguments&) = delete;

  // False, with a Python error set, where Python has no value for one of them.
  bool Fill(const TVMFFIAny* args, LentTensors* lent) {
    for (; filled_ < count_; ++filled_) {
      const TVMFFIAny& given = args[filled_];
      TVMFFIAny owned{};
      const bool is_lent = given.type_index == kTVMFFIDLTensorPtr && given.v_ptr != nullptr;
      const int status = is_lent ? lent->Lend(*static_cast<DLTensor*>(given.v_ptr), &owned)
                                 : TVMFFIAnyViewToOwnedAny(&given, &owned);
      values()[filled_] = status == 0 ? ToPython(owned) : RaiseInPython();
      if (values()[filled_] == nullptr) return false;
    }
    return true;
  }

  PyObject* Call(PyObject* callable) {
    try {
      return PyObject_Vectorcall(callable, values(),
                                 static_cast<size_t>(count_) | PY_VECTORCALL_ARGUMENTS_OFFSET,
                                 nullptr);
    } catch (...) {
      // Python ends, and with it this thread: see interpreter_lock.h.
      WaitForTheEnd();
    }
  }

 private:
  PyObject** values() { return (many_ == nullptr ? few_.data() : many_.get()) + 1; }

  const int32_t count_;
  int32_t filled_ = 0;
  std::array<PyObject*, kFewArguments + 1> few_;
  std::unique_ptr<PyObject*[]> many_;
};

int CallWithLock(PyObject* callable, const TVMFFIAny* args, int32_t count, TVMFFIAny* result) {
  // A check for signals has failed, and the function goes on: it hears of it here.
  if (PyErr_Occurred() != nullptr) return RaiseInAbi();
  LentTensors lent;
  {
    PythonArguments arguments(count);
    if (!arguments.Fill(args, &lent)) return RaiseInAbi();
    const PyRef value(arguments.Call(callable));
    if (!value) return RaiseInAbi();
    CallFrame frame(/*lends_arrays=*/false);
    TVMFFIAny view{};
    if (!frame.Pack(value.get(), &view)) return RaiseInAbi();
    if (TVMFFIAnyViewToOwnedAny(&view, result) != 0) return -1;
  }
  if (!lent.AnyIsKept()) return 0;
  if (result->type_index >= kTVMFFIStaticObjectBegin) TVMFFIObjectDecRef(result->v_obj);
  *result = TVMFFIAny{};
  TVMFFIErrorSetRaisedFromCStr(
      "RuntimeError",
      "a Python callback kept or returned a tensor that its caller lent for the call: copy it");
  return -1;
}

// What the ABI calls for a hook.
int CallHook(void* self, const TVMFFIAny* args, int32_t count, TVMFFIAny* result) {
  PyGILState_STATE state;
  if (!TryEnsureLock(&state)) return 0;
  const int status = CallWithLock(static_cast<PyObject*>(self), args, count, result);
  PyGILState_Release(state);
  return status;
}

// What the ABI calls for a Python callable.
int CallPython(void* self, const TVMFFIAny* args, int32_t count, TVMFFIAny* result) {
  PyGILState_STATE state;
  if (!TryEnsureLock(&state)) {
    // The thread may run code that is gone when this returns: modules die with Python. The main
    // thread, which ends the process, must not wait.
    if (gettid() != getpid()) WaitForTheEnd();
    TVMFFIErrorSetRaisedFromCStr("RuntimeError",
                                 "a Python callable is called, but Python has ended");
    return -1;
  }
  const int status = CallWithLock(static_cast<PyObject*>(self), args, count, result);
  PyGILState_Release(state);
  return status;
}

void ReleaseCallable(void* self) { ReleaseFromAnyThread(static_cast<PyObject*>(self)); }

}  // namespace

void SetCall(PyObject* self) {
  constexpr vectorcallfunc kCalls[2][2] = {{&CheckedCall<false, false>, &CheckedCall<false, true>},
                                           {&CheckedCall<true, false>, &CheckedCall<true, true>}};
  FunctionPy* const function = AsFunction(self);
  function->vectorcall = kCalls[function->keeps ? 1 : 0][function->releases_gil ? 1 : 0];
}

int FunctionFromCallable(PyObject* callable, TVMFFIObjectHandle* out) {
  Py_INCREF(callable);
  if (TVMFFIFunctionCreate(callable, &CallPython, &ReleaseCallable, out) == 0) {
    created_entry.store(CellOf(*out)->safe_call, std::memory_order_relaxed);
    return 0;
  }
  Py_DECREF(callable);
  RaiseInPython();
  return -1;
}

PyObject* Hook(PyObject*, PyObject* callable) {
  TVMFFIObjectHandle function = nullptr;
  Py_INCREF(callable);
  if (TVMFFIFunctionCreate(callable, &CallHook, &ReleaseCallable, &function) == 0) {
    return WrapObject(function);
  }
  Py_DECREF(callable);
  return RaiseInPython();
}

PyObject* CallUnlocked(PyObject*, PyObject* const* args, Py_ssize_t count) {
  if (count < 1 || Py_TYPE(args[0]) != core.function_type) {
    return PyErr_Format(PyExc_TypeError, "call_unlocked takes a kiln.Function and its arguments");
  }
  return Call</*kKeeps=*/true, /*kReleasesGil=*/true>(args[0], AsObject(args[0])->handle, args + 1,
                                                      count - 1);
}

}  // namespace kiln::python
