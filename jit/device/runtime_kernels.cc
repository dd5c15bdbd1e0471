// CUDA's runtime API: launches, and what there is to know of kernels.

#include "jit/device/launch.h"
#include "jit/device/runtime_calls.h"

namespace kiln::jit::runtime {
namespace {

// Runs `call` with a kernel as it is on the current device.
template <typename Call>
Status WithKernel(const void* stub, Call&& call) {
  return OnCurrentDevice([&](Device& device) {
    Kernel* const kernel = FindKernel(stub);
    if (kernel == nullptr) return kInvalidDeviceFunction;
    LoadFailure failure;
    DeviceKernel* const on_device = kernel->On(device, &failure);
    return on_device == nullptr ? Tell(failure) : call(*on_device);
  });
}

struct IntField {
  int attribute;  // a KernelAttribute, or a further one of CUDA's
  int FunctionAttributes::* field;
};
using F = FunctionAttributes;
constexpr IntField kInts[] = {{0, &F::maxThreadsPerBlock},
                              {4, &F::numRegs},
                              {5, &F::ptxVersion},
                              {6, &F::binaryVersion},
                              {7, &F::cacheModeCA},
                              {8, &F::maxDynamicSharedSizeBytes},
                              {9, &F::preferredShmemCarveout},
                              {10, &F::clusterDimMustBeSet},
                              {11, &F::requiredClusterWidth},
                              {12, &F::requiredClusterHeight},
                              {13, &F::requiredClusterDepth},
                              {14, &F::nonPortableClusterSizeAllowed},
                              {15, &F::clusterSchedulingPolicyPreference}};

Status LaunchPushed(Kernel* kernel, const LaunchShape& shape, void** arguments) {
  CallingThread& thread = ThisThread();
  BareLaunch& bare = thread.bare;
  if (kernel != nullptr && bare.kernel == kernel) {
    if (!bare.is_empty) bare.status = bare.on_device->Launch(bare.shape, arguments);
    return bare.status;
  }
  return thread.Record(LaunchOnCurrent(kernel, shape, arguments));
}

}  // namespace

unsigned PushCallConfiguration(Dim3 grid, Dim3 block, size_t shared_bytes, void* stream) {
  CallingThread& thread = ThisThread();
  if (thread.Push({grid, block, shared_bytes, stream})) return 0;
  return static_cast<unsigned>(thread.Record(kInvalidConfiguration));
}

unsigned PopCallConfiguration(Dim3* grid, Dim3* block, size_t* shared_bytes, void** stream) {
  CallingThread& thread = ThisThread();
  if (thread.nested == 0) return static_cast<unsigned>(thread.Record(kMissingConfiguration));
  const CallConfiguration& top = thread.configurations[--thread.nested];
  *grid = top.grid;
  *block = top.block;
  *shared_bytes = top.shared_bytes;
  *stream = top.stream;
  return 0;
}

Status LaunchFromSlot(KernelSlot* slot, Dim3 grid, Dim3 block, void** arguments,
                      size_t shared_bytes, void* stream) {
  return LaunchPushed(slot->Find(), {grid, block, shared_bytes, stream, {}}, arguments);
}

Status cudaLaunchKernel(const void* stub, Dim3 grid, Dim3 block, void** arguments,
                        size_t shared_bytes, void* stream) {
  return LaunchPushed(FindKernel(stub), {grid, block, shared_bytes, stream, {}}, arguments);
}

Status cudaLaunchKernelExC(const RuntimeLaunchConfig* config, const void* stub, void** arguments) {
  if (config == nullptr) return ThisThread().Record(kInvalidValue);
  const LaunchShape shape = {config->grid,
                             config->block,
                             config->shared_bytes,
                             config->stream,
                             {config->attributes, config->attribute_count}};
  return ThisThread().Record(LaunchOnCurrent(FindKernel(stub), shape, arguments));
}

Status cudaLaunchCooperativeKernel(const void* stub, Dim3 grid, Dim3 block, void** arguments,
                                   size_t shared_bytes, void* stream) {
  LaunchAttribute cooperative;
  cooperative.id = LaunchAttribute::kCooperative;
  cooperative.value.cooperative = 1;
  const LaunchShape shape = {grid, block, shared_bytes, stream, {&cooperative, 1}};
  return ThisThread().Record(LaunchOnCurrent(FindKernel(stub), shape, arguments));
}

Status cudaFuncSetAttribute(const void* stub, int attribute, int value) {
  return WithKernel(stub, [&](DeviceKernel& kernel) {
    return kernel.Set(static_cast<KernelAttribute>(attribute), value);
  });
}

Status cudaFuncGetAttributes(FunctionAttributes* attributes, const void* stub) {
  if (attributes == nullptr) return ThisThread().Record(kInvalidValue);
  return WithKernel(stub, [attributes](DeviceKernel& kernel) {
    *attributes = {};
    const auto get = [&kernel](int attribute) {
      int value = 0;
      const Status status = kernel.Get(static_cast<KernelAttribute>(attribute), &value);
      return status == kSuccess ? value : 0;
    };
    attributes->sharedSizeBytes = static_cast<size_t>(get(1));
    attributes->constSizeBytes = static_cast<size_t>(get(2));
    attributes->localSizeBytes = static_cast<size_t>(get(3));
    for (const auto& [attribute, field] : kInts) attributes->*field = get(attribute);
    return kSuccess;
  });
}

Status cudaFuncSetCacheConfig(const void* stub, int preference) {
  return WithKernel(stub,
                    [&](DeviceKernel& kernel) { return kernel.SetCachePreference(preference); });
}

Status cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* stub, int threads,
                                                     size_t shared_bytes) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, stub, threads, shared_bytes,
                                                                /*flags=*/0);
}

Status cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* stub,
                                                              int threads, size_t shared_bytes,
                                                              unsigned flags) {
  return WithKernel(stub, [&](DeviceKernel& kernel) {
    return kernel.ActiveBlocks(threads, shared_bytes, flags, blocks);
  });
}

Status cudaOccupancyMaxPotentialBlockSize(int* min_blocks, int* threads, const void* stub,
                                          size_t shared_bytes, int limit) {
  return WithKernel(stub, [&](DeviceKernel& kernel) {
    return kernel.BestBlock(shared_bytes, limit, min_blocks, threads);
  });
}

}  // namespace kiln::jit::runtime
