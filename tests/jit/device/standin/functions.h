#ifndef KILN_TESTS_JIT_DEVICE_STANDIN_FUNCTIONS_H_
#define KILN_TESTS_JIT_DEVICE_STANDIN_FUNCTIONS_H_

#include <cstddef>

// The functions of the driver API that the stand-in has, with CUDA's names and parameters; handles
// and device addresses are void*, a CUresult is an int.
namespace standin {

// CUlaunchAttribute and CUlaunchConfig.
struct LaunchAttribute {
  unsigned id;
  unsigned reserved;
  union {
    char bytes[64];
    int cooperative;
    unsigned cluster[3];
  } value;
};
struct LaunchConfig {
  unsigned grid[3];
  unsigned block[3];
  unsigned shared_bytes;
  void* stream;
  const LaunchAttribute* attributes;
  unsigned attribute_count;
};

#define KILN_STANDIN_FUNCTIONS(X)                                                                  \
  X(cuInit, (unsigned flags))                                                                      \
  X(cuDriverGetVersion, (int* version))                                                            \
  X(cuGetErrorName, (int error, const char** name))                                                \
  X(cuDeviceGetCount, (int* count))                                                                \
  X(cuDeviceGet, (int* device, int ordinal))                                                       \
  X(cuDeviceGetName, (char* name, int size, int device))                                           \
  X(cuDeviceGetAttribute, (int* value, int attribute, int device))                                 \
  X(cuDeviceGetUuid, (char* uuid, int device))                                                     \
  X(cuDeviceTotalMem, (size_t* bytes, int device))                                                 \
  X(cuDeviceCanAccessPeer, (int* can, int device, int peer))                                       \
  X(cuDevicePrimaryCtxRetain, (void** context, int device))                                        \
  X(cuCtxGetCurrent, (void** context))                                                             \
  X(cuCtxSetCurrent, (void* context))                                                              \
  X(cuCtxGetDevice, (int* device))                                                                 \
  X(cuCtxSynchronize, ())                                                                          \
  X(cuCtxSetLimit, (int limit, size_t value))                                                      \
  X(cuCtxGetLimit, (size_t* value, int limit))                                                     \
  X(cuCtxGetStreamPriorityRange, (int* least, int* greatest))                                      \
  X(cuCtxEnablePeerAccess, (void* peer, unsigned flags))                                           \
  X(cuMemGetInfo, (size_t* free, size_t* total))                                                   \
  X(cuMemAlloc, (void** pointer, size_t bytes))                                                    \
  X(cuMemFree, (void* pointer))                                                                    \
  X(cuMemAllocAsync, (void** pointer, size_t bytes, void* stream))                                 \
  X(cuMemFreeAsync, (void* pointer, void* stream))                                                 \
  X(cuMemHostAlloc, (void** pointer, size_t bytes, unsigned flags))                                \
  X(cuMemFreeHost, (void* pointer))                                                                \
  X(cuMemAllocManaged, (void** pointer, size_t bytes, unsigned flags))                             \
  X(cuMemcpy, (void* to, void* from, size_t bytes))                                                \
  X(cuMemcpyAsync, (void* to, void* from, size_t bytes, void* stream))                             \
  X(cuMemsetD8, (void* to, unsigned char value, size_t bytes))                                     \
  X(cuMemsetD8Async, (void* to, unsigned char value, size_t bytes, void* stream))                  \
  X(cuPointerGetAttribute, (void* value, int attribute, void* pointer))                            \
  X(cuStreamCreateWithPriority, (void** stream, unsigned flags, int priority))                     \
  X(cuStreamDestroy, (void* stream))                                                               \
  X(cuStreamSynchronize, (void* stream))                                                           \
  X(cuStreamQuery, (void* stream))                                                                 \
  X(cuStreamWaitEvent, (void* stream, void* event, unsigned flags))                                \
  X(cuEventCreate, (void** event, unsigned flags))                                                 \
  X(cuEventDestroy, (void* event))                                                                 \
  X(cuEventRecord, (void* event, void* stream))                                                    \
  X(cuEventQuery, (void* event))                                                                   \
  X(cuEventSynchronize, (void* event))                                                             \
  X(cuEventElapsedTime, (float* milliseconds, void* start, void* end))                             \
  X(cuLibraryLoadData,                                                                             \
    (void** library, const void* code, const int* options, void** values, unsigned count,          \
     const int* library_options, void** library_values, unsigned library_count))                   \
  X(cuLibraryUnload, (void* library))                                                              \
  X(cuLibraryGetKernel, (void** kernel, void* library, const char* name))                          \
  X(cuLibraryGetGlobal, (void** pointer, size_t* bytes, void* library, const char* name))          \
  X(cuKernelGetAttribute, (int* value, int attribute, void* kernel, int device))                   \
  X(cuKernelSetAttribute, (int attribute, int value, void* kernel, int device))                    \
  X(cuKernelSetCacheConfig, (void* kernel, int preference, int device))                            \
  X(cuLaunchKernelEx, (const LaunchConfig* config, void* kernel, void** parameters, void** extra)) \
  X(cuOccupancyMaxPotentialBlockSize, (int* min_grid, int* block, void* kernel,                    \
                                       size_t (*shared_of)(int), size_t shared_bytes, int limit))  \
  X(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags,                                          \
    (int* blocks, void* kernel, int threads, size_t shared_bytes, unsigned flags))

#define KILN_DECLARE(name, parameters) int name parameters;
KILN_STANDIN_FUNCTIONS(KILN_DECLARE)
#undef KILN_DECLARE

}  // namespace standin

#endif  // KILN_TESTS_JIT_DEVICE_STANDIN_FUNCTIONS_H_
