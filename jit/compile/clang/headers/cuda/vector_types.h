#ifndef KILN_CUDA_VECTOR_TYPES_H_
#define KILN_CUDA_VECTOR_TYPES_H_

#include <host_defines.h>

// The built-in vector types of CUDA C++ and what makes them, and dim3. A vector of two or four is
// aligned to its size, 16 bytes at most; one of three to its element. Source: CUDA C++ Programming
// Guide, "Built-in Vector Types".

#define KILN_CUDA_VECTOR(name, type)                                                               \
  struct name##1 { type x; };                                                                      \
  struct alignas(2 * sizeof(type)) name##2 { type x, y; };                                         \
  struct name##3 { type x, y, z; };                                                                \
  struct alignas(sizeof(type) == 8 ? 16 : 4 * sizeof(type)) name##4 { type x, y, z, w; };          \
  static __inline__ __host__ __device__ constexpr name##1 make_##name##1(type x) {                 \
    return name##1 {x};                                                                            \
  }                                                                                                \
  static __inline__ __host__ __device__ constexpr name##2 make_##name##2(type x, type y) {         \
    return name##2 {x, y};                                                                         \
  }                                                                                                \
  static __inline__ __host__ __device__ constexpr name##3 make_##name##3(type x, type y, type z) { \
    return name##3 {x, y, z};                                                                      \
  }                                                                                                \
  static __inline__ __host__ __device__ constexpr name##4 make_##name##4(type x, type y, type z,   \
                                                                         type w) {                 \
    return name##4 {x, y, z, w};                                                                   \
  }

KILN_CUDA_VECTOR(char, signed char)
KILN_CUDA_VECTOR(uchar, unsigned char)
KILN_CUDA_VECTOR(short, short)
KILN_CUDA_VECTOR(ushort, unsigned short)
KILN_CUDA_VECTOR(int, int)
KILN_CUDA_VECTOR(uint, unsigned int)
KILN_CUDA_VECTOR(long, long)
KILN_CUDA_VECTOR(ulong, unsigned long)
KILN_CUDA_VECTOR(longlong, long long)
KILN_CUDA_VECTOR(ulonglong, unsigned long long)
KILN_CUDA_VECTOR(float, float)
KILN_CUDA_VECTOR(double, double)
#undef KILN_CUDA_VECTOR

struct dim3 {
  unsigned int x, y, z;
  __host__ __device__ constexpr dim3(unsigned int width = 1, unsigned int height = 1,
                                     unsigned int depth = 1)
      : x(width), y(height), z(depth) {}
  __host__ __device__ constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
  __host__ __device__ constexpr operator uint3() const { return uint3{x, y, z}; }
};

#endif  // KILN_CUDA_VECTOR_TYPES_H_
