// Vector addition: a kernel, and a host function that launches it.
#include <cuda_runtime.h>

// c[i] = a[i] + b[i] for i in [0, n)
__global__ void add(const float* a, const float* b, float* c, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}

// The same, on the current stream of the runtime: float32 tensors of n elements on one GPU.
void vector_add(const float* a, const float* b, float* c, int n) {
  add<<<(n + 255) / 256, 256>>>(a, b, c, n);
}
