#ifndef KILN_CUDA_CUDA_FP16_H_
#define KILN_CUDA_CUDA_FP16_H_

#include <cuda_runtime.h>

// Half precision as host code sees it: the types of CUDA's header of that name, and what converts
// to and from them. IEEE 754 binary16, rounded to nearest even.

struct alignas(2) __half_raw {
  unsigned short x;
};

struct alignas(2) __half {
  __half() = default;
  __host__ __device__ __half(float value) : value_(static_cast<_Float16>(value)) {}
  __host__ __device__ __half(double value) : value_(static_cast<_Float16>(value)) {}
  __host__ __device__ __half(int value) : value_(static_cast<_Float16>(value)) {}
  __host__ __device__ __half(__half_raw raw) : value_(__builtin_bit_cast(_Float16, raw.x)) {}
  __host__ __device__ operator float() const { return static_cast<float>(value_); }
  __host__ __device__ operator __half_raw() const {
    return {__builtin_bit_cast(unsigned short, value_)};
  }

 private:
  _Float16 value_;
};
typedef __half half;

struct alignas(4) __half2 {
  __half x, y;
};
typedef __half2 half2;

static __inline__ __host__ __device__ __half __float2half(float x) { return __half(x); }
static __inline__ __host__ __device__ __half __float2half_rn(float x) { return __half(x); }
static __inline__ __host__ __device__ __half __double2half(double x) { return __half(x); }
static __inline__ __host__ __device__ float __half2float(__half x) { return x; }
static __inline__ __host__ __device__ __half2 __halves2half2(__half x, __half y) { return {x, y}; }
static __inline__ __host__ __device__ __half2 make_half2(__half x, __half y) { return {x, y}; }
static __inline__ __host__ __device__ __half2 __floats2half2_rn(float x, float y) {
  return {__half(x), __half(y)};
}
static __inline__ __host__ __device__ __half2 __float2half2_rn(float x) { return {x, x}; }
static __inline__ __host__ __device__ float __low2float(__half2 v) { return v.x; }
static __inline__ __host__ __device__ float __high2float(__half2 v) { return v.y; }
static __inline__ __host__ __device__ float2 __half22float2(__half2 v) { return {v.x, v.y}; }

#endif  // KILN_CUDA_CUDA_FP16_H_
