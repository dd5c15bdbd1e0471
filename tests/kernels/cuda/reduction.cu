// Block reductions with templates, dynamic shared memory and warp shuffles.
namespace reduction {

struct Sum {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};

struct Largest {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a < b ? b : a;
  }
};

template <class T, class Op>
__device__ T reduce_warp(T value, Op op) {
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    value = op(value, __shfl_down_sync(0xffffffffu, value, lanes));
  }
  return value;
}

// partial[b] = op over x[i] of block b; `first` is op's neutral element. Shared memory: one T a warp.
template <int Block, class T, class Op>
__global__ void __launch_bounds__(Block) reduce(const T* x, T* partial, int n, T first, Op op) {
  extern __shared__ unsigned char bytes[];
  T* const warps = reinterpret_cast<T*>(bytes);
  T value = first;
  for (int i = blockIdx.x * Block + threadIdx.x; i < n; i += gridDim.x * Block) {
    value = op(value, x[i]);
  }
  value = reduce_warp(value, op);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  if (threadIdx.x < 32) {
    value = threadIdx.x < Block / 32 ? warps[threadIdx.x] : first;
    value = reduce_warp(value, op);
    if (threadIdx.x == 0) partial[blockIdx.x] = value;
  }
}

template <class T, class Op>
void run(const T* x, T* partial, T* result, int n, T first, Op op) {
  constexpr int kBlock = 256;
  const int wanted = (n + kBlock - 1) / kBlock;
  const int blocks = wanted < 1 ? 1 : wanted < kBlock ? wanted : kBlock;
  const size_t shared = kBlock / 32 * sizeof(T);
  reduce<kBlock><<<blocks, kBlock, shared>>>(x, partial, n, first, op);
  reduce<kBlock><<<1, kBlock, shared>>>(partial, result, blocks, first, op);
}

}  // namespace reduction

// result[0] = the sum of x[0..n); `partial` has room for 256 elements. All on one GPU.
void sum(const float* x, float* partial, float* result, int n) {
  reduction::run(x, partial, result, n, 0.f, reduction::Sum());
}

// result[0] = the largest of x[0..n).
void largest(const int* x, int* partial, int* result, int n) {
  reduction::run(x, partial, result, n, -2147483647 - 1, reduction::Largest());
}
