#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kiln/error.h>
#include <tvm/ffi/extra/c_env_api.h>

#include "runtime/error.h"
#include "runtime/per_thread.h"

namespace kiln::runtime {
namespace {

// The current streams of one thread. A program uses few devices: a list is faster than a map.
struct Streams {
  struct Stream {
    int32_t device_type;
    int32_t device_id;
    TVMFFIStreamHandle handle;
  };
  std::vector<Stream> list;

  Stream* Find(int32_t device_type, int32_t device_id) noexcept {
    for (Stream& stream : list) {
      if (stream.device_id == device_id && stream.device_type == device_type) return &stream;
    }
    return nullptr;
  }
};

TVMFFIStreamHandle SetStream(int32_t device_type, int32_t device_id, TVMFFIStreamHandle handle) {
  if (device_type < 0 || device_id < 0) {
    throw Error("ValueError", "a device's type and id must be >= 0, got type " +
                                  std::to_string(device_type) + " and id " +
                                  std::to_string(device_id));
  }
  auto& streams = PerThread<Streams>::Get();
  if (Streams::Stream* stream = streams.Find(device_type, device_id)) {
    return std::exchange(stream->handle, handle);
  }
  streams.list.push_back({device_type, device_id, handle});
  return nullptr;
}

constinit std::atomic<DLPackManagedTensorAllocator> process_allocator{nullptr};
constinit thread_local DLPackManagedTensorAllocator thread_allocator = nullptr;

// Called by an allocator that fails; `context` is the flag that it did.
void RaiseAllocatorError(void* context, const char* kind, const char* message) {
  *static_cast<bool*>(context) = true;
  TVMFFIErrorSetRaisedFromCStr(kind, message);
}

// Non-zero, with an error raised, if the allocator fails.
int Allocate(DLPackManagedTensorAllocator allocator, DLTensor* prototype,
             DLManagedTensorVersioned** out) {
  bool raised = false;
  const int code = allocator(prototype, out, &raised, &RaiseAllocatorError);
  if (code != 0) {
    if (!raised && !ErrorIsRaised()) {
      TVMFFIErrorSetRaisedFromCStr("RuntimeError",
                                   "the tensor allocator of the environment failed without a word");
    }
    return code;
  }
  if (*out != nullptr) return 0;
  TVMFFIErrorSetRaisedFromCStr("RuntimeError",
                               "the tensor allocator of the environment returned no tensor");
  return -1;
}

// Functions of a Python that lives in this process. They are set one by one.
struct PythonApi {
  std::atomic<void*> check_signals{nullptr};
  std::atomic<void*> ensure_gil{nullptr};
  std::atomic<void*> release_gil{nullptr};
};
constinit PythonApi python;

std::atomic<void*>& PythonFunction(std::string_view name) {
  if (name == "PyErr_CheckSignals") return python.check_signals;
  if (name == "PyGILState_Ensure") return python.ensure_gil;
  if (name == "PyGILState_Release") return python.release_gil;
  throw Error("ValueError",
              "the environment takes PyErr_CheckSignals, PyGILState_Ensure and "
              "PyGILState_Release, got '" +
                  std::string(name) + "'");
}

int CheckSignals() {
  const auto check = reinterpret_cast<int (*)()>(python.check_signals.load());
  if (check == nullptr) return 0;
  const auto ensure = reinterpret_cast<int (*)()>(python.ensure_gil.load());
  const auto release = reinterpret_cast<void (*)(int)>(python.release_gil.load());
  if (ensure == nullptr || release == nullptr) {
    throw Error("RuntimeError",
                "PyErr_CheckSignals is registered, but not PyGILState_Ensure and "
                "PyGILState_Release, which it needs");
  }
  const int gil_state = ensure();
  const int code = check();
  release(gil_state);
  return code;
}

}  // namespace
}  // namespace kiln::runtime

extern "C" {

int TVMFFIEnvSetStream(int32_t device_type, int32_t device_id, TVMFFIStreamHandle stream,
                       TVMFFIStreamHandle* opt_out_original_stream) {
  return kiln::SafeCall([&] {
    TVMFFIStreamHandle before = kiln::runtime::SetStream(device_type, device_id, stream);
    if (opt_out_original_stream != nullptr) *opt_out_original_stream = before;
  });
}

TVMFFIStreamHandle TVMFFIEnvGetStream(int32_t device_type, int32_t device_id) {
  auto* streams = kiln::runtime::PerThread<kiln::runtime::Streams>::Find();
  if (streams == nullptr) return nullptr;
  const auto* stream = streams->Find(device_type, device_id);
  return stream == nullptr ? nullptr : stream->handle;
}

int TVMFFIEnvSetDLPackManagedTensorAllocator(
    DLPackManagedTensorAllocator allocator, int write_to_global_context,
    DLPackManagedTensorAllocator* opt_out_original_allocator) {
  const auto before = std::exchange(kiln::runtime::thread_allocator, allocator);
  if (write_to_global_context != 0) kiln::runtime::process_allocator.store(allocator);
  if (opt_out_original_allocator != nullptr) *opt_out_original_allocator = before;
  return 0;
}

DLPackManagedTensorAllocator TVMFFIEnvGetDLPackManagedTensorAllocator() {
  if (kiln::runtime::thread_allocator != nullptr) return kiln::runtime::thread_allocator;
  return kiln::runtime::process_allocator.load();
}

int TVMFFIEnvTensorAlloc(DLTensor* prototype, TVMFFIObjectHandle* out) {
  const DLPackManagedTensorAllocator allocator = TVMFFIEnvGetDLPackManagedTensorAllocator();
  if (allocator == nullptr) {
    TVMFFIErrorSetRaisedFromCStr("RuntimeError",
                                 "the environment has no tensor allocator; set one with "
                                 "TVMFFIEnvSetDLPackManagedTensorAllocator, or import the "
                                 "framework that does");
    return -1;
  }
  if (prototype == nullptr) {
    TVMFFIErrorSetRaisedFromCStr("ValueError", "a tensor's prototype must be given, got null");
    return -1;
  }
  DLManagedTensorVersioned* managed = nullptr;
  const int code = kiln::runtime::Allocate(allocator, prototype, &managed);
  if (code != 0) return code;
  const int imported = TVMFFITensorFromDLPackVersioned(managed, 0, 0, out);
  if (imported != 0 && managed->deleter != nullptr) managed->deleter(managed);
  return imported;
}

int TVMFFIEnvCheckSignals() {
  int code = 0;
  const int failed = kiln::SafeCall([&] { code = kiln::runtime::CheckSignals(); });
  return failed != 0 ? failed : code;
}

int TVMFFIEnvRegisterCAPI(const char* name, void* symbol) {
  return kiln::SafeCall(
      [&] { kiln::runtime::PythonFunction(name == nullptr ? "" : name).store(symbol); });
}

}  // extern "C"
