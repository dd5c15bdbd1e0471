// One .cu in, one artifact out. The suite runs once with the NVRTC of CUDA 12 and once with that of
// CUDA 13 ($KILN_NVRTC).
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "jit/artifact/fat_binary.h"
#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

CompileOptions For(std::vector<std::string> architectures) {
  CompileOptions options;
  options.cuda_archs = std::move(architectures);
  return options;
}

Artifact CompileCuda(std::string text, const CompileOptions& options = For({"sm_90"})) {
  static const std::unique_ptr<Compiler> kCompiler = MakeCudaCompiler();
  return CompileWith(*kCompiler, {Language::kCuda, "k.cu", std::move(text)}, options);
}

std::string TestKernel(const std::string& name) {
  std::ifstream file(KILN_KERNEL_SOURCE_DIR "/cuda/" + name + ".cu");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The device code that lies in the objects of an artifact.
std::vector<DeviceImage> ImagesIn(const Artifact& artifact) {
  const std::string_view magic("\x50\xED\x55\xBA\x01\x00\x10\x00", 8);
  const std::string& object = artifact.objects.back();
  const size_t at = object.find(magic);
  if (at == std::string::npos) return {};
  return ReadFatBinary(std::string_view(object).substr(at), "test");
}

TEST(CudaCompiler, AnArtifactHoldsHostAndDeviceCode) {
  CompileOptions options = For({"sm_80", "compute_90"});
  options.exports = {"vector_add", "add"};
  const Artifact artifact = CompileCuda(TestKernel("vector_add"), options);
  EXPECT_EQ(artifact.language, Language::kCuda);
  EXPECT_EQ(artifact.exports, (std::vector<std::string>{"vector_add", "add"}));
  ASSERT_EQ(artifact.objects.size(), 2u);
  const std::vector<DeviceImage> images = ImagesIn(artifact);
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(ArchitectureName(images[0]), "sm_80");
  EXPECT_NE(images[0].code.find("_Z3addPKfS0_Pfi"), std::string::npos);
  EXPECT_NE(images[1].code.find(".visible .entry _Z3addPKfS0_Pfi"), std::string::npos);
  EXPECT_TRUE(artifact.warnings.empty()) << Format(artifact.warnings[0]);
}

TEST(CudaCompiler, EveryTestKernelCompiles) {
  for (const char* name : {"vector_add", "reduction", "sgemm", "half_axpy"}) {
    CompileOptions options = For({"sm_80", "sm_90", "sm_100", "compute_80"});
    options.exports = {"all"};
    const Artifact artifact = CompileCuda(TestKernel(name), options);
    EXPECT_EQ(ImagesIn(artifact).size(), 4u) << name;
    EXPECT_FALSE(artifact.exports.empty()) << name;
  }
}

TEST(CudaCompiler, WithoutAnArchitectureThereIsPtxForEveryGpu) {
  const std::vector<DeviceImage> images = ImagesIn(CompileCuda(TestKernel("vector_add"), {}));
  ASSERT_EQ(images.size(), 1u);
  EXPECT_EQ(images[0].form, DeviceImage::Form::kPtx);
}

TEST(CudaCompiler, KernelsOfEveryKindAreFoundInTheDeviceCode) {
  const Artifact artifact = CompileCuda(R"(
#include <algorithm>
#include <string>
#include <vector>
namespace app {
enum class Op { kAdd, kMul };
struct Named { std::string name; };
struct Config {
  int n;
  float scale;
  Config(int a, float b) : n(a), scale(b) {}
  __host__ __device__ float f(float x) const { return x * scale; }
};
__constant__ float table[2] = {1.5f, 2.5f};
__device__ int counter;
__device__ float twice(float x) { return x * table[1]; }
template <Op O, class T, class... Rest> __global__ void apply(Config c, const T* a, T* o, Rest... r) {
  extern __shared__ float shared[];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if constexpr (O == Op::kAdd) { if (i < c.n) o[i] = a[i] + sizeof...(r); }
  else { if (i < c.n) o[i] = c.f(a[i]); }
}
static __global__ void local(float* o, int n) { if (threadIdx.x < n) o[threadIdx.x] = twice(o[0]); }
namespace { __global__ void hidden(float* o) { o[threadIdx.x] += 1; } }
__global__ void __launch_bounds__(128) overloaded(int* p) { p[0] = 1; }
__global__ void overloaded(float* p) { p[0] = 2; atomicAdd(&counter, 1); }
template <class T> void launch(T* x, int n) {
  std::vector<int> sizes = {n, 3};
  apply<Op::kMul><<<*std::max_element(sizes.begin(), sizes.end()), 128>>>(Config(n, 2.f), x, x, 1, 2.0);
}
}
void run(float* x, int* p, cudaStream_t s) {
  const float host[2] = {1, 2};
  cudaMemcpyToSymbol(app::table, host, sizeof(host));
  app::launch(x, 4);
  app::apply<app::Op::kAdd, int><<<dim3(1, 2), 64, 256, s>>>(app::Config(1, 1.f), p, p);
  app::local<<<1, 1>>>(x, 1);
  app::hidden<<<1, 1>>>(x);
  app::overloaded<<<1, 1>>>(p);
  app::overloaded<<<1, 1>>>(x);
  if (cudaGetLastError() != cudaSuccess) throw std::string("launch failed");
}
)");
  const std::vector<DeviceImage> images = ImagesIn(artifact);
  ASSERT_EQ(images.size(), 1u);
  for (const char* name : {"apply", "local", "hidden", "overloadedEPi", "overloadedEPf", "table"}) {
    EXPECT_NE(images[0].code.find(name), std::string::npos) << name;
  }
}

TEST(CudaCompiler, HeadersOfTheUserServeBothSides) {
  CompileOptions options = For({"sm_90"});
  options.headers = {
      {"shared.h",
       "#pragma once\n#include <vector>\n__device__ inline float f(float x) { return 2 * "
       "x; }\ninline std::vector<int> list() { return {1}; }\n"
       "#ifdef __CUDA_ARCH__\n#include \"only_device.h\"\n#endif\n"},
      {"only_device.h", "__device__ inline float g(float x) { return x + 1; }\n"}};
  const Artifact artifact = CompileCuda(
      "#include \"shared.h\"\n__global__ void k(float* x) { x[0] = f(g(x[1])); }\n"
      "void run(float* x) { k<<<list().size(), 1>>>(x); }\n",
      options);
  EXPECT_EQ(ImagesIn(artifact).size(), 1u);
  EXPECT_TRUE(std::any_of(artifact.headers.begin(), artifact.headers.end(),
                          [](const HeaderRecord& h) { return h.path.ends_with("shared.h"); }));
}

TEST(CudaCompiler, HeadersThatOnlyDeviceCodeNeedsAreTheToolkits) {
  const Artifact artifact = CompileCuda(R"(
#include <cooperative_groups.h>
#include <cub/block/block_reduce.cuh>
#include <cuda_bf16.h>
namespace cg = cooperative_groups;
__global__ void k(const __nv_bfloat16* x, float* y) {
  using Reduce = cub::BlockReduce<float, 128>;
  __shared__ typename Reduce::TempStorage storage;
  const float sum = Reduce(storage).Sum(__bfloat162float(x[threadIdx.x]));
  if (cg::this_thread_block().thread_rank() == 0) y[0] = sum;
}
void run(const __nv_bfloat16* x, float* y) { k<<<1, 128>>>(x, y); }
)");
  EXPECT_EQ(ImagesIn(artifact).size(), 1u);
}

TEST(CudaCompiler, ErrorsOfBothPartsHaveTheUsersPlace) {
  const auto error_of = [](const std::string& text) {
    return ThrownBy([&] { CompileCuda(text); });
  };
  const Thrown device = error_of(
      "#include <vector>\nvoid host() {}\n__global__ void k(float* x) {\n  x[0] = missing;\n}\n");
  EXPECT_EQ(device.kind, "CompileError");
  EXPECT_TRUE(Contains(device.message, "k.cu:4:10: error: identifier \"missing\" is undefined"))
      << device.message;
  const Thrown host = error_of(
      "__global__ void k(float* x) {}\nvoid run(float* x) {\n  k<<<1, 2>>>(missing);\n}\n");
  EXPECT_EQ(host.kind, "CompileError");
  EXPECT_TRUE(Contains(host.message, "k.cu:3:")) << host.message;
}

TEST(CudaCompiler, AKernelsParametersMustBeNumbersAndPointers) {
  CompileOptions options = For({"sm_90"});
  options.exports = {"k"};
  const Thrown error = ThrownBy(
      [&] { CompileCuda("struct S { int a; };\n__global__ void k(S s, float* x) {}\n", options); });
  EXPECT_EQ(error.kind, "CompileError");
  EXPECT_TRUE(Contains(error.message, "a struct by value")) << error.message;
}

}  // namespace
}  // namespace kiln::jit
