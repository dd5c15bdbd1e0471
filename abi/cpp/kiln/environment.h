// What the process around a kernel decides: the stream it runs on, and whether it should stop.
//
// Frameworks set the current stream before they call a kernel; a kernel asks for it. Streams belong
// to a device and to the calling thread. The runtime stores them and does not look into them.
#ifndef KILN_ENVIRONMENT_H_
#define KILN_ENVIRONMENT_H_

#include <tvm/ffi/extra/c_env_api.h>

#include "kiln/error.h"

namespace kiln {

// A stream as the device's driver has it: for CUDA a cudaStream_t. Null is the default stream.
using Stream = TVMFFIStreamHandle;

// The calling thread's current stream on that device; null if none was set.
inline Stream CurrentStream(DLDevice device) noexcept {
  return TVMFFIEnvGetStream(static_cast<int32_t>(device.device_type), device.device_id);
}

// Makes `stream` the calling thread's current one on that device. Returns the one before. Throws
// what the runtime says of a device that can't be.
inline Stream SetCurrentStream(DLDevice device, Stream stream) {
  Stream before = nullptr;
  CheckCall(TVMFFIEnvSetStream(static_cast<int32_t>(device.device_type), device.device_id, stream,
                               &before));
  return before;
}

// Sets a stream for the time of a scope. For one thread.
class StreamGuard {
 public:
  StreamGuard(DLDevice device, Stream stream)
      : device_(device), before_(SetCurrentStream(device, stream)) {}
  StreamGuard(const StreamGuard&) = delete;
  StreamGuard& operator=(const StreamGuard&) = delete;
  ~StreamGuard() {
    TVMFFIEnvSetStream(static_cast<int32_t>(device_.device_type), device_.device_id, before_,
                       nullptr);
  }

 private:
  DLDevice device_;
  Stream before_;
};

// Throws the pending error of the environment, if there is one: in Python a KeyboardInterrupt. For
// long loops, on a thread that the environment knows. Any thread.
inline void CheckSignals() { CheckCall(TVMFFIEnvCheckSignals()); }

}  // namespace kiln

#endif  // KILN_ENVIRONMENT_H_
