#ifndef KILN_CUDA_HOST_DEFINES_H_
#define KILN_CUDA_HOST_DEFINES_H_

// The keywords of CUDA C++ as Clang's attributes.

#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __managed__ __attribute__((managed))
#define __launch_bounds__(...) __attribute__((launch_bounds(__VA_ARGS__)))
#define __grid_constant__
#define __cluster_dims__(...)
#define __block_size__(...)
#define __maxnreg__(...)
#define __noinline__ __attribute__((noinline))
#define __forceinline__ __inline__ __attribute__((always_inline))
#define __align__(n) __attribute__((aligned(n)))
#define __inline_hint__
#define __device_builtin__
#define __cudart_builtin__
#define __builtin_align__(n) __align__(n)
#define CUDARTAPI

#endif  // KILN_CUDA_HOST_DEFINES_H_
