#ifndef KILN_JIT_DEVICE_LAUNCH_H_
#define KILN_JIT_DEVICE_LAUNCH_H_

#include <string>

#include "jit/device/device.h"
#include "jit/device/registered_code.h"

namespace kiln::jit {

// What is wrong with the shape of a launch, seen before the driver sees it.
enum class LaunchFault {
  kNone,
  kEmptyGrid,
  kEmptyBlock,
  kGridTooLarge,
  kBlockTooLarge,   // for the device
  kTooManyThreads,  // for the device
  kBeyondBounds,    // more threads than the kernel was compiled for
  kTooMuchShared,   // for the device
};

LaunchFault FindFault(const LaunchShape& shape, const DeviceKernel& kernel,
                      const DeviceLimits& limits);

// The status that CUDA's runtime gives such a launch.
Status StatusOf(LaunchFault fault);

// The fault in words, with the numbers: "a block of (2048, 1, 1) has 2048 threads, at most 1024 are
// possible on device 0 (sm_80)".
std::string Describe(LaunchFault fault, const LaunchShape& shape, const DeviceKernel& kernel,
                     const Device& device);

// "grid (64, 1, 1), block (256, 1, 1), 0 bytes of shared memory".
std::string Describe(const LaunchShape& shape);

// Launches a kernel on the thread's current device, as `<<<>>>` does. After the first launch on a
// device it takes no lock, looks nothing up and allocates nothing.
Status LaunchOnCurrent(Kernel* kernel, const LaunchShape& shape, void** arguments);

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_LAUNCH_H_
