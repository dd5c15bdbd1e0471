#ifndef KILN_JIT_DEVICE_CUDA_DRIVER_API_H_
#define KILN_JIT_DEVICE_CUDA_DRIVER_API_H_

#include <cstddef>
#include <cstdint>
#include <string>

// The part of CUDA's driver API that the engine uses: its own declarations, with CUDA's names,
// numbers and layouts. A CUresult is an int; handles are void*, addresses of device memory too.
namespace kiln::jit::cuda {

using Context = void*;
using Stream = void*;
using Event = void*;
using Library = void*;
using Kernel = void*;  // may be given where the driver asks for a CUfunction
using DevicePointer = void*;
using DeviceHandle = int;

// CUlaunchConfig.
struct LaunchConfig {
  unsigned grid[3];
  unsigned block[3];
  unsigned shared_bytes;
  Stream stream;
  const void* attributes;
  unsigned attribute_count;
};
static_assert(sizeof(LaunchConfig) == 56);

inline constexpr int kDeviceMaxThreadsPerBlock = 1;
inline constexpr int kDeviceMaxBlockX = 2;  // then y and z, then the grid's x, y and z
inline constexpr int kDeviceMaxGridX = 5;
inline constexpr int kDeviceComputeCapabilityMajor = 75;
inline constexpr int kDeviceComputeCapabilityMinor = 76;
inline constexpr int kDeviceMaxSharedPerBlockOptin = 97;

inline constexpr int kJitErrorLog = 5;
inline constexpr int kJitErrorLogSize = 6;

inline constexpr int kPointerMemoryType = 2;
inline constexpr int kPointerDevicePointer = 3;
inline constexpr int kPointerHostPointer = 4;
inline constexpr int kPointerIsManaged = 8;
inline constexpr int kPointerDeviceOrdinal = 9;

// X(member, function, parameters), as CUDA 12.0 has them.
#define KILN_CUDA_DRIVER_FUNCTIONS(X)                                                    \
  X(init, cuInit, (unsigned))                                                            \
  X(driver_version, cuDriverGetVersion, (int*))                                          \
  X(error_name, cuGetErrorName, (int, const char**))                                     \
  X(device_count, cuDeviceGetCount, (int*))                                              \
  X(device_get, cuDeviceGet, (DeviceHandle*, int))                                       \
  X(device_name, cuDeviceGetName, (char*, int, DeviceHandle))                            \
  X(device_attribute, cuDeviceGetAttribute, (int*, int, DeviceHandle))                   \
  X(device_uuid, cuDeviceGetUuid, (char*, DeviceHandle))                                 \
  X(device_memory, cuDeviceTotalMem, (size_t*, DeviceHandle))                            \
  X(device_can_access_peer, cuDeviceCanAccessPeer, (int*, DeviceHandle, DeviceHandle))   \
  X(primary_context_retain, cuDevicePrimaryCtxRetain, (Context*, DeviceHandle))          \
  X(context_get_current, cuCtxGetCurrent, (Context*))                                    \
  X(context_set_current, cuCtxSetCurrent, (Context))                                     \
  X(context_get_device, cuCtxGetDevice, (DeviceHandle*))                                 \
  X(context_synchronize, cuCtxSynchronize, ())                                           \
  X(context_set_limit, cuCtxSetLimit, (int, size_t))                                     \
  X(context_get_limit, cuCtxGetLimit, (size_t*, int))                                    \
  X(context_priority_range, cuCtxGetStreamPriorityRange, (int*, int*))                   \
  X(context_enable_peer_access, cuCtxEnablePeerAccess, (Context, unsigned))              \
  X(memory_info, cuMemGetInfo, (size_t*, size_t*))                                       \
  X(allocate, cuMemAlloc, (DevicePointer*, size_t))                                      \
  X(free, cuMemFree, (DevicePointer))                                                    \
  X(allocate_async, cuMemAllocAsync, (DevicePointer*, size_t, Stream))                   \
  X(free_async, cuMemFreeAsync, (DevicePointer, Stream))                                 \
  X(allocate_host, cuMemHostAlloc, (void**, size_t, unsigned))                           \
  X(free_host, cuMemFreeHost, (void*))                                                   \
  X(allocate_managed, cuMemAllocManaged, (DevicePointer*, size_t, unsigned))             \
  X(copy, cuMemcpy, (DevicePointer, DevicePointer, size_t))                              \
  X(copy_async, cuMemcpyAsync, (DevicePointer, DevicePointer, size_t, Stream))           \
  X(fill, cuMemsetD8, (DevicePointer, unsigned char, size_t))                            \
  X(fill_async, cuMemsetD8Async, (DevicePointer, unsigned char, size_t, Stream))         \
  X(pointer_attribute, cuPointerGetAttribute, (void*, int, DevicePointer))               \
  X(stream_create, cuStreamCreateWithPriority, (Stream*, unsigned, int))                 \
  X(stream_destroy, cuStreamDestroy, (Stream))                                           \
  X(stream_synchronize, cuStreamSynchronize, (Stream))                                   \
  X(stream_query, cuStreamQuery, (Stream))                                               \
  X(stream_wait_event, cuStreamWaitEvent, (Stream, Event, unsigned))                     \
  X(event_create, cuEventCreate, (Event*, unsigned))                                     \
  X(event_destroy, cuEventDestroy, (Event))                                              \
  X(event_record, cuEventRecord, (Event, Stream))                                        \
  X(event_query, cuEventQuery, (Event))                                                  \
  X(event_synchronize, cuEventSynchronize, (Event))                                      \
  X(event_elapsed_time, cuEventElapsedTime, (float*, Event, Event))                      \
  X(library_load, cuLibraryLoadData,                                                     \
    (Library*, const void*, int*, void**, unsigned, int*, void**, unsigned))             \
  X(library_unload, cuLibraryUnload, (Library))                                          \
  X(library_kernel, cuLibraryGetKernel, (Kernel*, Library, const char*))                 \
  X(library_global, cuLibraryGetGlobal, (DevicePointer*, size_t*, Library, const char*)) \
  X(kernel_get_attribute, cuKernelGetAttribute, (int*, int, Kernel, DeviceHandle))       \
  X(kernel_set_attribute, cuKernelSetAttribute, (int, int, Kernel, DeviceHandle))        \
  X(kernel_set_cache, cuKernelSetCacheConfig, (Kernel, int, DeviceHandle))               \
  X(launch, cuLaunchKernelEx, (const LaunchConfig*, Kernel, void**, void**))             \
  X(best_block, cuOccupancyMaxPotentialBlockSize,                                        \
    (int*, int*, Kernel, size_t (*)(int), size_t, int))                                  \
  X(active_blocks, cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags,                 \
    (int*, Kernel, int, size_t, unsigned))

// The functions of a driver. Null where the driver lacks one.
struct DriverApi {
// NOLINTBEGIN(bugprone-macro-parentheses): they are declarations
#define KILN_MEMBER(member, function, parameters) int(*member) parameters = nullptr;
  KILN_CUDA_DRIVER_FUNCTIONS(KILN_MEMBER)
#undef KILN_MEMBER
  // NOLINTEND(bugprone-macro-parentheses)

  // Looks each of them up in `library`, a handle of dlopen, through the driver's own
  // cuGetProcAddress. Returns the names of those that it lacks.
  std::string Bind(void* library);
};

}  // namespace kiln::jit::cuda

#endif  // KILN_JIT_DEVICE_CUDA_DRIVER_API_H_
