#ifndef KILN_CUDA_DEVICE_FUNCTIONS_H_
#define KILN_CUDA_DEVICE_FUNCTIONS_H_

#include <vector_types.h>

// Names of device code that the host parse may meet: it skips the bodies of device functions, but
// not of those whose type depends on their body. Declared only; NVRTC has the definitions.

extern const __device__ uint3 threadIdx;
extern const __device__ uint3 blockIdx;
extern const __device__ dim3 blockDim;
extern const __device__ dim3 gridDim;
static constexpr int warpSize = 32;

extern "C" {
__device__ void __syncthreads();
__device__ int __syncthreads_count(int predicate);
__device__ int __syncthreads_and(int predicate);
__device__ int __syncthreads_or(int predicate);
__device__ void __syncwarp(unsigned mask = 0xffffffff);
__device__ void __threadfence();
__device__ void __threadfence_block();
__device__ void __threadfence_system();
__device__ void __trap();
}
__device__ unsigned __activemask();
__device__ unsigned __ballot_sync(unsigned mask, int predicate);
__device__ int __all_sync(unsigned mask, int predicate);
__device__ int __any_sync(unsigned mask, int predicate);
template <class T>
__device__ T __shfl_sync(unsigned mask, T value, int lane, int width = warpSize);
template <class T>
__device__ T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize);
template <class T>
__device__ T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize);
template <class T>
__device__ T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize);
template <class T>
__device__ T __ldg(const T* address);
template <class T, class U>
__device__ T atomicAdd(T* address, U value);
template <class T, class U>
__device__ T atomicMax(T* address, U value);
template <class T, class U>
__device__ T atomicMin(T* address, U value);
template <class T, class U>
__device__ T atomicExch(T* address, U value);
template <class T, class U, class V>
__device__ T atomicCAS(T* address, U compare, V value);
__device__ float __fdividef(float x, float y);
__device__ float __expf(float x);
__device__ float __logf(float x);
__device__ float rsqrtf(float x);
__device__ int __popc(unsigned x);
__device__ int __clz(int x);
__device__ int __ffs(int x);
__device__ unsigned __brev(unsigned x);
__device__ float __int_as_float(int x);
__device__ int __float_as_int(float x);
__device__ unsigned __float_as_uint(float x);
__device__ float __uint_as_float(unsigned x);

#endif  // KILN_CUDA_DEVICE_FUNCTIONS_H_
