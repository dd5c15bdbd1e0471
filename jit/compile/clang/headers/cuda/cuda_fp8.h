#ifndef KILN_CUDA_CUDA_FP8_H_
#define KILN_CUDA_CUDA_FP8_H_

#include <cuda_bf16.h>
#include <cuda_fp16.h>

// The types of eight-bit floating point, as storage: host code hands pointers to them around.

struct __nv_fp8_e4m3 {
  unsigned char __x;
};
struct __nv_fp8_e5m2 {
  unsigned char __x;
};
struct alignas(2) __nv_fp8x2_e4m3 {
  unsigned short __x;
};
struct alignas(2) __nv_fp8x2_e5m2 {
  unsigned short __x;
};
struct alignas(4) __nv_fp8x4_e4m3 {
  unsigned int __x;
};
struct alignas(4) __nv_fp8x4_e5m2 {
  unsigned int __x;
};

#endif  // KILN_CUDA_CUDA_FP8_H_
