#include "jit/device/launch.h"

namespace kiln::jit {
namespace {

bool IsEmpty(const Dim3& dim) { return dim.x == 0 || dim.y == 0 || dim.z == 0; }

bool Exceeds(const Dim3& dim, const Dim3& limit) {
  return dim.x > limit.x || dim.y > limit.y || dim.z > limit.z;
}

// No overflow: each is at most 1024 by then.
unsigned ThreadsOf(const Dim3& block) { return block.x * block.y * block.z; }

std::string TextOf(const Dim3& dim) {
  return "(" + std::to_string(dim.x) + ", " + std::to_string(dim.y) + ", " + std::to_string(dim.z) +
         ")";
}

}  // namespace

LaunchFault FindFault(const LaunchShape& shape, const DeviceKernel& kernel,
                      const DeviceLimits& limits) {
  if (IsEmpty(shape.grid)) return LaunchFault::kEmptyGrid;
  if (IsEmpty(shape.block)) return LaunchFault::kEmptyBlock;
  if (Exceeds(shape.grid, limits.grid)) return LaunchFault::kGridTooLarge;
  if (Exceeds(shape.block, limits.block)) return LaunchFault::kBlockTooLarge;
  const unsigned threads = ThreadsOf(shape.block);
  if (threads > limits.block_threads) return LaunchFault::kTooManyThreads;
  if (threads > kernel.max_threads()) return LaunchFault::kBeyondBounds;
  if (shape.shared_bytes > limits.shared_bytes ||
      shape.shared_bytes + kernel.static_shared() > limits.shared_bytes) {
    return LaunchFault::kTooMuchShared;
  }
  return LaunchFault::kNone;
}

Status StatusOf(LaunchFault fault) {
  switch (fault) {
    case LaunchFault::kNone:
      return kSuccess;
    case LaunchFault::kEmptyGrid:
    case LaunchFault::kEmptyBlock:
    case LaunchFault::kGridTooLarge:
    case LaunchFault::kBlockTooLarge:
    case LaunchFault::kTooManyThreads:
      return kInvalidConfiguration;
    case LaunchFault::kBeyondBounds:
    case LaunchFault::kTooMuchShared:
      return kInvalidValue;
  }
  return kInvalidValue;
}

std::string Describe(LaunchFault fault, const LaunchShape& shape, const DeviceKernel& kernel,
                     const Device& device) {
  const DeviceLimits& limits = device.limits();
  const std::string on_device = " on " + device.description();
  switch (fault) {
    case LaunchFault::kNone:
      return "";
    case LaunchFault::kEmptyGrid:
      return "grid must be at least 1 in each dimension, got " + TextOf(shape.grid);
    case LaunchFault::kEmptyBlock:
      return "block must be at least 1 in each dimension, got " + TextOf(shape.block);
    case LaunchFault::kGridTooLarge:
      return "grid must be at most " + TextOf(limits.grid) + on_device + ", got " +
             TextOf(shape.grid);
    case LaunchFault::kBlockTooLarge:
      return "block must be at most " + TextOf(limits.block) + on_device + ", got " +
             TextOf(shape.block);
    case LaunchFault::kTooManyThreads:
      return "a block of " + TextOf(shape.block) + " has " +
             std::to_string(ThreadsOf(shape.block)) + " threads, at most " +
             std::to_string(limits.block_threads) + " are possible" + on_device;
    case LaunchFault::kBeyondBounds:
      return "a block of " + TextOf(shape.block) + " has " +
             std::to_string(ThreadsOf(shape.block)) + " threads, at most " +
             std::to_string(kernel.max_threads()) +
             " are possible by the kernel's registers or __launch_bounds__" + on_device;
    case LaunchFault::kTooMuchShared:
      return std::to_string(shape.shared_bytes) + " bytes of dynamic and " +
             std::to_string(kernel.static_shared()) +
             " bytes of static shared memory are more than the " +
             std::to_string(limits.shared_bytes) + " that a block may have" + on_device;
  }
  return "";
}

std::string Describe(const LaunchShape& shape) {
  return "grid " + TextOf(shape.grid) + ", block " + TextOf(shape.block) + ", " +
         std::to_string(shape.shared_bytes) + " bytes of shared memory";
}

Status LaunchOnCurrent(Kernel* kernel, const LaunchShape& shape, void** arguments) {
  if (kernel == nullptr) return kInvalidDeviceFunction;
  Device* device = nullptr;
  if (const Status status = CudaPlatform().Current(&device); status != kSuccess) return status;
  LoadFailure failure;
  DeviceKernel* const on_device = kernel->On(*device, &failure);
  if (on_device == nullptr) return Tell(failure);
  const LaunchFault fault = FindFault(shape, *on_device, device->limits());
  if (fault != LaunchFault::kNone) return StatusOf(fault);
  return on_device->Launch(shape, arguments);
}

}  // namespace kiln::jit
