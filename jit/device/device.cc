#include "jit/device/device.h"

namespace kiln::jit {

Status DeviceKernel::BusiestBlock(size_t shared_bytes, unsigned* threads) {
  const uint64_t known = busiest_.load(std::memory_order_relaxed);
  if (known != 0 && known >> 32 == shared_bytes) {
    *threads = static_cast<unsigned>(known);
    return kSuccess;
  }
  int blocks = 0;
  int best = 0;
  const Status status = BestBlock(shared_bytes, /*limit=*/0, &blocks, &best);
  *threads = static_cast<unsigned>(best);
  if (status == kSuccess) {
    busiest_.store(uint64_t{shared_bytes} << 32 | *threads, std::memory_order_relaxed);
  }
  return status;
}

}  // namespace kiln::jit
