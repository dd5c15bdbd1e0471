#ifndef KILN_CUDA_CUDA_BF16_H_
#define KILN_CUDA_CUDA_BF16_H_

#include <cuda_runtime.h>

// bfloat16 as host code sees it: the types of CUDA's header of that name, and what converts to and
// from them. The upper half of an IEEE 754 binary32, rounded to nearest even.

struct alignas(2) __nv_bfloat16_raw {
  unsigned short x;
};

struct alignas(2) __nv_bfloat16 {
  __nv_bfloat16() = default;
  __host__ __device__ __nv_bfloat16(float value) : bits_(Rounded(value)) {}
  __host__ __device__ __nv_bfloat16(double value) : bits_(Rounded(static_cast<float>(value))) {}
  __host__ __device__ __nv_bfloat16(int value) : bits_(Rounded(static_cast<float>(value))) {}
  __host__ __device__ __nv_bfloat16(__nv_bfloat16_raw raw) : bits_(raw.x) {}
  __host__ __device__ operator float() const {
    return __builtin_bit_cast(float, static_cast<unsigned>(bits_) << 16);
  }
  __host__ __device__ operator __nv_bfloat16_raw() const { return {bits_}; }

 private:
  static __inline__ __host__ __device__ unsigned short Rounded(float value) {
    const unsigned bits = __builtin_bit_cast(unsigned, value);
    if (value != value) return 0x7fff;
    return static_cast<unsigned short>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
  }

  unsigned short bits_;
};
typedef __nv_bfloat16 nv_bfloat16;

struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};
typedef __nv_bfloat162 nv_bfloat162;

static __inline__ __host__ __device__ __nv_bfloat16 __float2bfloat16(float x) { return x; }
static __inline__ __host__ __device__ __nv_bfloat16 __float2bfloat16_rn(float x) { return x; }
static __inline__ __host__ __device__ float __bfloat162float(__nv_bfloat16 x) { return x; }
static __inline__ __host__ __device__ __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 x,
                                                                        __nv_bfloat16 y) {
  return {x, y};
}
static __inline__ __host__ __device__ __nv_bfloat162 __floats2bfloat162_rn(float x, float y) {
  return {x, y};
}
static __inline__ __host__ __device__ float2 __bfloat1622float2(__nv_bfloat162 v) {
  return {v.x, v.y};
}

#endif  // KILN_CUDA_CUDA_BF16_H_
