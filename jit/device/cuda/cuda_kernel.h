#ifndef KILN_JIT_DEVICE_CUDA_CUDA_KERNEL_H_
#define KILN_JIT_DEVICE_CUDA_CUDA_KERNEL_H_

#include <atomic>
#include <mutex>

#include "jit/device/cuda/driver_api.h"
#include "jit/device/device.h"

namespace kiln::jit::cuda {

// A kernel of the driver (CUkernel) on one GPU. It serves every context of that GPU.
class CudaKernel : public DeviceKernel {
 public:
  CudaKernel(const DriverApi& api, DeviceHandle device, Kernel kernel)
      : api_(api), device_(device), kernel_(kernel) {}

  // Asks the driver for what holds of every launch. To be called first.
  Status ReadLimits();

  Status Launch(const LaunchShape& shape, void** arguments) override;
  Status AllowDynamicShared(size_t bytes) override;
  Status BestBlock(size_t shared_bytes, int limit, int* min_blocks, int* threads) override;
  Status ActiveBlocks(int threads, size_t shared_bytes, unsigned flags, int* blocks) override;
  Status Get(KernelAttribute attribute, int* value) override;
  Status Set(KernelAttribute attribute, int value) override;
  Status SetCachePreference(int preference) override;

 private:
  Status SetLocked(KernelAttribute attribute, int value);

  const DriverApi& api_;
  const DeviceHandle device_;
  Kernel kernel_;
  std::mutex set_;                         // taken where an attribute changes
  std::atomic<size_t> dynamic_shared_{0};  // what was asked for
};

}  // namespace kiln::jit::cuda

#endif  // KILN_JIT_DEVICE_CUDA_CUDA_KERNEL_H_
