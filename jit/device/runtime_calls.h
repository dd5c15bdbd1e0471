#ifndef KILN_JIT_DEVICE_RUNTIME_CALLS_H_
#define KILN_JIT_DEVICE_RUNTIME_CALLS_H_

#include <cstddef>
#include <cstdint>

#include "jit/device/calling_thread.h"
#include "jit/device/device.h"
#include "jit/device/registered_code.h"
#include "jit/device/runtime_types.h"

// CUDA's runtime API as compiled code calls it: CUDA's names and meanings, its handles as void*,
// its enums as ints. What fails is remembered for cudaGetLastError. Any thread may call all of it.
namespace kiln::jit::runtime {

// The calls by whose names compiled code finds them.
#define KILN_CUDA_RUNTIME_CALLS(X)                                                               \
  X(cudaRuntimeGetVersion, Status, (int* version))                                               \
  X(cudaDriverGetVersion, Status, (int* version))                                                \
  X(cudaGetLastError, Status, ())                                                                \
  X(cudaPeekAtLastError, Status, ())                                                             \
  X(cudaGetErrorName, const char*, (Status error))                                               \
  X(cudaGetErrorString, const char*, (Status error))                                             \
  X(cudaGetDeviceCount, Status, (int* count))                                                    \
  X(cudaGetDevice, Status, (int* device))                                                        \
  X(cudaSetDevice, Status, (int device))                                                         \
  X(cudaGetDeviceProperties, Status, (DeviceProperties * properties, int device))                \
  X(cudaDeviceGetAttribute, Status, (int* value, int attribute, int device))                     \
  X(cudaDeviceSynchronize, Status, ())                                                           \
  X(cudaDeviceReset, Status, ())                                                                 \
  X(cudaDeviceSetLimit, Status, (int limit, size_t value))                                       \
  X(cudaDeviceGetLimit, Status, (size_t* value, int limit))                                      \
  X(cudaDeviceCanAccessPeer, Status, (int* can, int device, int peer))                           \
  X(cudaDeviceEnablePeerAccess, Status, (int peer, unsigned flags))                              \
  X(cudaDeviceGetStreamPriorityRange, Status, (int* least, int* greatest))                       \
  X(cudaMalloc, Status, (void** pointer, size_t bytes))                                          \
  X(cudaFree, Status, (void* pointer))                                                           \
  X(cudaMallocAsync, Status, (void** pointer, size_t bytes, void* stream))                       \
  X(cudaFreeAsync, Status, (void* pointer, void* stream))                                        \
  X(cudaMallocHost, Status, (void** pointer, size_t bytes))                                      \
  X(cudaHostAlloc, Status, (void** pointer, size_t bytes, unsigned flags))                       \
  X(cudaFreeHost, Status, (void* pointer))                                                       \
  X(cudaMallocManaged, Status, (void** pointer, size_t bytes, unsigned flags))                   \
  X(cudaMemGetInfo, Status, (size_t* free, size_t* total))                                       \
  X(cudaMemcpy, Status, (void* to, const void* from, size_t bytes, int kind))                    \
  X(cudaMemcpyAsync, Status, (void* to, const void* from, size_t bytes, int kind, void* stream)) \
  X(cudaMemset, Status, (void* to, int value, size_t bytes))                                     \
  X(cudaMemsetAsync, Status, (void* to, int value, size_t bytes, void* stream))                  \
  X(cudaMemcpyToSymbol, Status,                                                                  \
    (const void* symbol, const void* from, size_t bytes, size_t offset, int kind))               \
  X(cudaMemcpyToSymbolAsync, Status,                                                             \
    (const void* symbol, const void* from, size_t bytes, size_t offset, int kind, void* stream)) \
  X(cudaMemcpyFromSymbol, Status,                                                                \
    (void* to, const void* symbol, size_t bytes, size_t offset, int kind))                       \
  X(cudaMemcpyFromSymbolAsync, Status,                                                           \
    (void* to, const void* symbol, size_t bytes, size_t offset, int kind, void* stream))         \
  X(cudaGetSymbolAddress, Status, (void** address, const void* symbol))                          \
  X(cudaGetSymbolSize, Status, (size_t* bytes, const void* symbol))                              \
  X(cudaPointerGetAttributes, Status, (PointerAttributes * attributes, const void* pointer))     \
  X(cudaStreamCreate, Status, (void** stream))                                                   \
  X(cudaStreamCreateWithFlags, Status, (void** stream, unsigned flags))                          \
  X(cudaStreamCreateWithPriority, Status, (void** stream, unsigned flags, int priority))         \
  X(cudaStreamDestroy, Status, (void* stream))                                                   \
  X(cudaStreamSynchronize, Status, (void* stream))                                               \
  X(cudaStreamQuery, Status, (void* stream))                                                     \
  X(cudaStreamWaitEvent, Status, (void* stream, void* event, unsigned flags))                    \
  X(cudaEventCreate, Status, (void** event))                                                     \
  X(cudaEventCreateWithFlags, Status, (void** event, unsigned flags))                            \
  X(cudaEventDestroy, Status, (void* event))                                                     \
  X(cudaEventRecord, Status, (void* event, void* stream))                                        \
  X(cudaEventQuery, Status, (void* event))                                                       \
  X(cudaEventSynchronize, Status, (void* event))                                                 \
  X(cudaEventElapsedTime, Status, (float* milliseconds, void* start, void* end))                 \
  X(cudaLaunchKernel, Status,                                                                    \
    (const void* stub, Dim3 grid, Dim3 block, void** arguments, size_t shared_bytes,             \
     void* stream))                                                                              \
  X(cudaLaunchKernelExC, Status,                                                                 \
    (const RuntimeLaunchConfig* config, const void* stub, void** arguments))                     \
  X(cudaLaunchCooperativeKernel, Status,                                                         \
    (const void* stub, Dim3 grid, Dim3 block, void** arguments, size_t shared_bytes,             \
     void* stream))                                                                              \
  X(cudaFuncSetAttribute, Status, (const void* stub, int attribute, int value))                  \
  X(cudaFuncGetAttributes, Status, (FunctionAttributes * attributes, const void* stub))          \
  X(cudaFuncSetCacheConfig, Status, (const void* stub, int preference))                          \
  X(cudaOccupancyMaxActiveBlocksPerMultiprocessor, Status,                                       \
    (int* blocks, const void* stub, int threads, size_t shared_bytes))                           \
  X(cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags, Status,                              \
    (int* blocks, const void* stub, int threads, size_t shared_bytes, unsigned flags))           \
  X(cudaOccupancyMaxPotentialBlockSize, Status,                                                  \
    (int* min_blocks, int* threads, const void* stub, size_t shared_bytes, int limit))

#define KILN_DECLARE(name, Result, parameters) Result name parameters;
KILN_CUDA_RUNTIME_CALLS(KILN_DECLARE)
#undef KILN_DECLARE

// What Clang makes of `<<<>>>`, and of kernels and variables where a module is loaded and unloaded.
unsigned PushCallConfiguration(Dim3 grid, Dim3 block, size_t shared_bytes, void* stream);
unsigned PopCallConfiguration(Dim3* grid, Dim3* block, size_t* shared_bytes, void** stream);
Status LaunchFromSlot(KernelSlot* slot, Dim3 grid, Dim3 block, void** arguments,
                      size_t shared_bytes, void* stream);
void** RegisterFatBinary(const void* wrapper);
void RegisterFatBinaryEnd(void** code);
void UnregisterFatBinary(void** code);
int RegisterFunction(void** code, const void* stub, char* device_function, const char* name,
                     int thread_limit, void* tid, void* bid, void* block, void* grid, int* warp);
void RegisterVar(void** code, char* host, char* device_address, const char* name, int is_extern,
                 size_t size, int is_constant, int is_global);

// Runs `call` on the thread's current device.
template <typename Call>
Status OnCurrentDevice(Call&& call) {
  Device* device = nullptr;
  Status status = CudaPlatform().Current(&device);
  if (status == kSuccess) status = call(*device);
  return ThisThread().Record(status);
}

}  // namespace kiln::jit::runtime

#endif  // KILN_JIT_DEVICE_RUNTIME_CALLS_H_
