// The test kernels of CUDA on a GPU, their values checked against the CPU. The helper functions
// come from a .cu as well: nothing of CUDA is needed to build this.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/error_of.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

constexpr const char* kMemory = R"(
#include <stdexcept>
static void check(cudaError_t error) {
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
}
int devices() { int n = 0; return cudaGetDeviceCount(&n) == cudaSuccess ? n : 0; }
void* allocate(long bytes) { void* p = nullptr; check(cudaMalloc(&p, bytes)); return p; }
void release(void* p) { check(cudaFree(p)); }
void to_gpu(void* to, const void* from, long n) { check(cudaMemcpy(to, from, n, cudaMemcpyHostToDevice)); }
void from_gpu(void* to, const void* from, long n) {
  check(cudaDeviceSynchronize());
  check(cudaMemcpy(to, from, n, cudaMemcpyDeviceToHost));
}
)";

const Module& Memory() {
  static const Module kModule = jit::Compile(kMemory, {.name = "memory.cu", .exports = {"all"}});
  return kModule;
}

// A vector on GPU 0.
template <class T>
class OnGpu {
 public:
  explicit OnGpu(const std::vector<T>& values) : shape_(static_cast<int64_t>(values.size())) {
    tensor_.data = Memory().GetFunction("allocate")(Bytes()).template cast<void*>();
    tensor_.device = {kDLCUDA, 0};
    tensor_.ndim = 1;
    tensor_.dtype = DataTypeOf<T>();
    tensor_.shape = &shape_;
    Memory().GetFunction("to_gpu")(tensor_.data, static_cast<void*>(const_cast<T*>(values.data())),
                                   Bytes());
  }
  ~OnGpu() { Memory().GetFunction("release")(tensor_.data); }
  OnGpu(const OnGpu&) = delete;
  OnGpu& operator=(const OnGpu&) = delete;

  DLTensor* get() { return &tensor_; }
  std::vector<T> Values() {
    std::vector<T> values(static_cast<size_t>(shape_));
    Memory().GetFunction("from_gpu")(static_cast<void*>(values.data()), tensor_.data, Bytes());
    return values;
  }

 private:
  int64_t Bytes() const { return shape_ * static_cast<int64_t>(sizeof(T)); }

  int64_t shape_;
  DLTensor tensor_{};
};

class CudaOnGpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (Memory().GetFunction("devices")().cast<int>() == 0) {
      GTEST_SKIP() << "this machine has no NVIDIA GPU with a driver";
    }
  }

  static Module Compiled(const std::string& name, std::vector<std::string> exports,
                         std::vector<std::pair<std::string, Any>> more = {}) {
    jit::CompileOptions options{.name = name + ".cu", .exports = std::move(exports)};
    options.more = std::move(more);
    return jit::Compile(ReadFile(KILN_KERNEL_SOURCE_DIR "/cuda/" + name + ".cu"), options);
  }

  static std::vector<float> Sample(size_t size, float scale) {
    std::vector<float> values(size);
    for (size_t i = 0; i < size; ++i) {
      values[i] = scale * (static_cast<float>(i * 2654435761U % 1000) / 500 - 1);
    }
    return values;
  }
};

TEST_F(CudaOnGpu, VectorAddOfAHostFunctionAndOfABareKernel) {
  const size_t n = 100003;
  const std::vector<float> a = Sample(n, 1), b = Sample(n, 3);
  OnGpu<float> x(a), y(b), of_host(std::vector<float>(n, 0)), of_kernel(std::vector<float>(n, 0));
  const Module module = Compiled("vector_add", {"vector_add", "add"}, {{"launch", "1d"}});
  module.GetFunction("vector_add")(x.get(), y.get(), of_host.get(), n);
  module.GetFunction("add")(x.get(), y.get(), of_kernel.get(), n);
  const std::vector<float> first = of_host.Values();
  EXPECT_EQ(first, of_kernel.Values());
  for (size_t i = 0; i < n; ++i) ASSERT_EQ(first[i], a[i] + b[i]) << i;
}

TEST_F(CudaOnGpu, PtxRunsAsTheCubinDoes) {
  const std::vector<float> a = Sample(1000, 1), b = Sample(1000, 3);
  OnGpu<float> x(a), y(b), z(std::vector<float>(1000, 0));
  Compiled("vector_add", {"vector_add"}, {{"cuda_archs", Array<String>{"compute_80"}}})
      .GetFunction("vector_add")(x.get(), y.get(), z.get(), 1000);
  EXPECT_EQ(z.Values()[999], a[999] + b[999]);
}

TEST_F(CudaOnGpu, ReductionsOfFloatsAndInts) {
  const size_t n = 1000000;
  const Module module = Compiled("reduction", {"sum", "largest"});
  OnGpu<float> x(std::vector<float>(n, 0.5F)), partial(std::vector<float>(256, 0)), sum({0});
  module.GetFunction("sum")(x.get(), partial.get(), sum.get(), n);
  EXPECT_EQ(sum.Values()[0], 500000.0F);
  std::vector<int> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = static_cast<int>(i * 7919 % 1000003);
  OnGpu<int> ints(values), int_partial(std::vector<int>(256, 0)), largest({0});
  module.GetFunction("largest")(ints.get(), int_partial.get(), largest.get(), n);
  EXPECT_EQ(largest.Values()[0], *std::max_element(values.begin(), values.end()));
}

TEST_F(CudaOnGpu, SgemmAgreesWithTheCpu) {
  const int m = 70, n = 50, k = 90;
  const std::vector<float> a = Sample(m * k, 1), b = Sample(k * n, 1);
  OnGpu<float> x(a), y(b), z(std::vector<float>(m * n, 0));
  Compiled("sgemm", {"sgemm"}).GetFunction("sgemm")(x.get(), y.get(), z.get(), m, n, k);
  const std::vector<float> values = z.Values();
  for (int row = 0; row < m; ++row) {
    for (int column = 0; column < n; ++column) {
      double sum = 0;
      for (int i = 0; i < k; ++i) sum += double{a[row * k + i]} * b[i * n + column];
      ASSERT_NEAR(values[row * n + column], sum, 1e-4) << row << ", " << column;
    }
  }
}

TEST_F(CudaOnGpu, HalfPrecisionHasTheBitsOfTheCpu) {
  // 1.5 and 2.25 in binary16.
  std::vector<uint16_t> halves(64, 0x3E00), y_halves(64, 0x4080);
  OnGpu<uint16_t> x(halves), y(y_halves);
  x.get()->dtype = y.get()->dtype = {kDLFloat, 16, 1};
  Compiled("half_axpy", {"half_axpy"}).GetFunction("half_axpy")(2.0, x.get(), y.get(), 64);
  EXPECT_EQ(y.Values(), std::vector<uint16_t>(64, 0x4540)) << "2 * 1.5 + 2.25 = 5.25";
}

TEST_F(CudaOnGpu, AnIllegalShapeIsAnErrorAndTheProcessGoesOn) {
  OnGpu<float> x({1}), y({2}), z({0});
  const Module module = Compiled("vector_add", {"add", "vector_add"});
  const Any launch = GlobalFunction::Get("kiln.jit.launch")("grid", 1, "block", 2048);
  EXPECT_NE(ErrorOf([&] {
              module.GetFunction("add")(x.get(), y.get(), z.get(), 1, launch);
            }).find("2048"),
            std::string::npos);
  module.GetFunction("vector_add")(x.get(), y.get(), z.get(), 1);
  EXPECT_EQ(z.Values()[0], 3.0F);
}

}  // namespace
}  // namespace kiln::testing
