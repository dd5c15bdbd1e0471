#ifndef KILN_CUDA_CUDA_RUNTIME_H_
#define KILN_CUDA_CUDA_RUNTIME_H_

// What host code sees of CUDA C++, in the place of the toolkit's header of that name; every CUDA
// source includes it first. Device code has NVRTC's own.

#include <cuda_runtime_api.h>
#include <device_functions.h>

// The runtime API for typed pointers.

template <class T>
static __inline__ cudaError_t cudaMalloc(T** pointer, size_t bytes) {
  return cudaMalloc(reinterpret_cast<void**>(pointer), bytes);
}
template <class T>
static __inline__ cudaError_t cudaMallocAsync(T** pointer, size_t bytes, cudaStream_t stream) {
  return cudaMallocAsync(reinterpret_cast<void**>(pointer), bytes, stream);
}
template <class T>
static __inline__ cudaError_t cudaMallocHost(T** pointer, size_t bytes) {
  return cudaMallocHost(reinterpret_cast<void**>(pointer), bytes);
}
template <class T>
static __inline__ cudaError_t cudaHostAlloc(T** pointer, size_t bytes, unsigned int flags) {
  return cudaHostAlloc(reinterpret_cast<void**>(pointer), bytes, flags);
}
template <class T>
static __inline__ cudaError_t cudaMallocManaged(T** pointer, size_t bytes,
                                                unsigned int flags = cudaMemAttachGlobal) {
  return cudaMallocManaged(reinterpret_cast<void**>(pointer), bytes, flags);
}

template <class T>
static __inline__ cudaError_t cudaMemcpyToSymbol(const T& symbol, const void* from, size_t bytes,
                                                 size_t offset = 0,
                                                 cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  return cudaMemcpyToSymbol(static_cast<const void*>(&symbol), from, bytes, offset, kind);
}
template <class T>
static __inline__ cudaError_t cudaMemcpyToSymbolAsync(const T& symbol, const void* from,
                                                      size_t bytes, size_t offset,
                                                      cudaMemcpyKind kind,
                                                      cudaStream_t stream = nullptr) {
  return cudaMemcpyToSymbolAsync(static_cast<const void*>(&symbol), from, bytes, offset, kind,
                                 stream);
}
template <class T>
static __inline__ cudaError_t cudaMemcpyFromSymbol(void* to, const T& symbol, size_t bytes,
                                                   size_t offset = 0,
                                                   cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  return cudaMemcpyFromSymbol(to, static_cast<const void*>(&symbol), bytes, offset, kind);
}
template <class T>
static __inline__ cudaError_t cudaMemcpyFromSymbolAsync(void* to, const T& symbol, size_t bytes,
                                                        size_t offset, cudaMemcpyKind kind,
                                                        cudaStream_t stream = nullptr) {
  return cudaMemcpyFromSymbolAsync(to, static_cast<const void*>(&symbol), bytes, offset, kind,
                                   stream);
}
template <class T>
static __inline__ cudaError_t cudaGetSymbolAddress(void** address, const T& symbol) {
  return cudaGetSymbolAddress(address, static_cast<const void*>(&symbol));
}
template <class T>
static __inline__ cudaError_t cudaGetSymbolSize(size_t* bytes, const T& symbol) {
  return cudaGetSymbolSize(bytes, static_cast<const void*>(&symbol));
}

template <class T>
static __inline__ cudaError_t cudaLaunchKernel(T* kernel, dim3 grid, dim3 block, void** arguments,
                                               size_t shared_bytes = 0,
                                               cudaStream_t stream = nullptr) {
  return cudaLaunchKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments,
                          shared_bytes, stream);
}
template <class T>
static __inline__ cudaError_t cudaLaunchCooperativeKernel(T* kernel, dim3 grid, dim3 block,
                                                          void** arguments, size_t shared_bytes = 0,
                                                          cudaStream_t stream = nullptr) {
  return cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(kernel), grid, block, arguments,
                                     shared_bytes, stream);
}
template <class... Expected, class... Given>
static __inline__ cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config,
                                                 void (*kernel)(Expected...), Given&&... given) {
  return [&](Expected... values) {
    void* arguments[sizeof...(Expected) + 1] = {
        const_cast<void*>(static_cast<const volatile void*>(&values))...};
    return cudaLaunchKernelExC(config, reinterpret_cast<const void*>(kernel), arguments);
  }(static_cast<Given&&>(given)...);
}
template <class T>
static __inline__ cudaError_t cudaFuncSetAttribute(T* kernel, cudaFuncAttribute attribute,
                                                   int value) {
  return cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel), attribute, value);
}
template <class T>
static __inline__ cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, T* kernel) {
  return cudaFuncGetAttributes(attributes, reinterpret_cast<const void*>(kernel));
}
template <class T>
static __inline__ cudaError_t cudaFuncSetCacheConfig(T* kernel, cudaFuncCache config) {
  return cudaFuncSetCacheConfig(reinterpret_cast<const void*>(kernel), config);
}
template <class T>
static __inline__ cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, T* kernel,
                                                                            int block_size,
                                                                            size_t shared_bytes) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessor(
      blocks, reinterpret_cast<const void*>(kernel), block_size, shared_bytes);
}
template <class T>
static __inline__ cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int* blocks, T* kernel, int block_size, size_t shared_bytes, unsigned int flags) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
      blocks, reinterpret_cast<const void*>(kernel), block_size, shared_bytes, flags);
}
template <class T>
static __inline__ cudaError_t cudaOccupancyMaxPotentialBlockSize(int* min_grid_size,
                                                                 int* block_size, T* kernel,
                                                                 size_t shared_bytes = 0,
                                                                 int block_size_limit = 0) {
  return cudaOccupancyMaxPotentialBlockSize(min_grid_size, block_size,
                                            reinterpret_cast<const void*>(kernel), shared_bytes,
                                            block_size_limit);
}

#endif  // KILN_CUDA_CUDA_RUNTIME_H_
