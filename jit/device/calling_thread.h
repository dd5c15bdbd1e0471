#ifndef KILN_JIT_DEVICE_CALLING_THREAD_H_
#define KILN_JIT_DEVICE_CALLING_THREAD_H_

#include <cstddef>
#include <type_traits>

#include "jit/device/device.h"
#include "jit/device/registered_code.h"

namespace kiln::jit {

// What `<<<grid, block, smem, stream>>>` says, from where it is evaluated to where the stub of the
// kernel asks for it.
struct CallConfiguration {
  Dim3 grid;
  Dim3 block;
  size_t shared_bytes = 0;
  void* stream = nullptr;
};

// The launch of a kernel that is called as a function, between kiln_begin_launch and
// kiln_end_launch; the stub in between finds it here.
struct BareLaunch {
  Kernel* kernel = nullptr;  // null where there is no such launch
  DeviceKernel* on_device = nullptr;
  Device* device = nullptr;
  Platform::Visit visit;
  LaunchAttribute attributes[2];
  LaunchShape shape;
  bool is_empty = false;  // no element to work on: nothing is launched
  Status status = kSuccess;
};

// What the runtime API keeps for each thread. Plain data, so that it is reached without a check
// whether it was made.
struct CallingThread {
  // Launches whose arguments launch kernels, whose arguments launch kernels, and so on.
  static constexpr size_t kMaxNested = 32;

  Status last_error = kSuccess;
  size_t nested = 0;
  CallConfiguration configurations[kMaxNested];  // the innermost at nested - 1
  BareLaunch bare;

  // False where launches nest too deep.
  bool Push(const CallConfiguration& configuration) {
    if (nested == kMaxNested) return false;
    configurations[nested++] = configuration;
    return true;
  }

  // Remembers a failure for cudaGetLastError. That work is not done yet is no failure.
  Status Record(Status status) {
    if (status != kSuccess && status != kNotReady) [[unlikely]] {
      last_error = status;
    }
    return status;
  }
};

static_assert(std::is_trivially_destructible_v<CallingThread>);

inline CallingThread& ThisThread() {
  static constinit thread_local CallingThread thread;
  return thread;
}

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_CALLING_THREAD_H_
