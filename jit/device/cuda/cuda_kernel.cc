#include "jit/device/cuda/cuda_kernel.h"

namespace kiln::jit::cuda {

Status CudaKernel::ReadLimits() {
  int threads = 0;
  int shared = 0;
  Status status = Get(KernelAttribute::kMaxThreads, &threads);
  if (status == kSuccess) status = Get(KernelAttribute::kStaticShared, &shared);
  max_threads_ = static_cast<unsigned>(threads);
  static_shared_ = static_cast<size_t>(shared);
  return status;
}

Status CudaKernel::Launch(const LaunchShape& shape, void** arguments) {
  const LaunchConfig config = {{shape.grid.x, shape.grid.y, shape.grid.z},
                               {shape.block.x, shape.block.y, shape.block.z},
                               static_cast<unsigned>(shape.shared_bytes),
                               shape.stream,
                               shape.attributes.data(),
                               static_cast<unsigned>(shape.attributes.size())};
  return Status(api_.launch(&config, kernel_, arguments, nullptr));
}

Status CudaKernel::AllowDynamicShared(size_t bytes) {
  constexpr size_t kAlwaysAllowed = 48 << 10;
  if (bytes + static_shared_ <= kAlwaysAllowed) return kSuccess;
  if (bytes <= dynamic_shared_.load(std::memory_order_acquire)) return kSuccess;
  const std::lock_guard lock(set_);
  if (bytes <= dynamic_shared_.load(std::memory_order_relaxed)) return kSuccess;
  return SetLocked(KernelAttribute::kMaxDynamicShared, static_cast<int>(bytes));
}

Status CudaKernel::BestBlock(size_t shared_bytes, int limit, int* min_blocks, int* threads) {
  return Status(api_.best_block(min_blocks, threads, kernel_, nullptr, shared_bytes, limit));
}

Status CudaKernel::ActiveBlocks(int threads, size_t shared_bytes, unsigned flags, int* blocks) {
  return Status(api_.active_blocks(blocks, kernel_, threads, shared_bytes, flags));
}

Status CudaKernel::Get(KernelAttribute attribute, int* value) {
  return Status(api_.kernel_get_attribute(value, static_cast<int>(attribute), kernel_, device_));
}

Status CudaKernel::Set(KernelAttribute attribute, int value) {
  const std::lock_guard lock(set_);
  return SetLocked(attribute, value);
}

Status CudaKernel::SetLocked(KernelAttribute attribute, int value) {
  const int status =
      api_.kernel_set_attribute(static_cast<int>(attribute), value, kernel_, device_);
  if (status == 0 && attribute == KernelAttribute::kMaxDynamicShared) {
    dynamic_shared_.store(static_cast<size_t>(value), std::memory_order_release);
  }
  return Status(status);
}

Status CudaKernel::SetCachePreference(int preference) {
  return Status(api_.kernel_set_cache(kernel_, preference, device_));
}

}  // namespace kiln::jit::cuda
