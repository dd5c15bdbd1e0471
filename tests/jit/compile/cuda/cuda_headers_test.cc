#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jit/compile/cuda/cuda_include_dirs.h"
#include "tests/jit/compile/cuda/device.h"

namespace kiln::jit {
namespace {

using testing::HasSubstr;

// Compiles without a word.
void ExpectCompiles(const std::string& text) {
  DeviceCode code;
  const Thrown error = ThrownBy([&] { code = Compile(text, {"k"}); });
  EXPECT_EQ(error.message, "");
  ASSERT_EQ(code.images.size(), 1U);
  EXPECT_EQ(ArchitectureOf(code.images[0].code), 90);
  for (const Diagnostic& diagnostic : code.diagnostics) ADD_FAILURE() << Format(diagnostic);
}

TEST(CudaHeaders, HalfPrecision) {
  ExpectCompiles(
      "#include <cuda_bf16.h>\n"
      "#include <cuda_fp16.h>\n"
      "__global__ void k(__half* x, __nv_bfloat16* y) {\n"
      "  x[threadIdx.x] = __hadd(x[1], x[2]);\n"
      "  y[0] = __float2bfloat16(__half2float(x[3]));\n"
      "}\n");
}

TEST(CudaHeaders, CooperativeGroups) {
  ExpectCompiles(
      "#include <cooperative_groups.h>\n"
      "#include <cooperative_groups/reduce.h>\n"
      "namespace cg = cooperative_groups;\n"
      "__global__ void k(int* x) {\n"
      "  auto block = cg::this_thread_block();\n"
      "  auto tile = cg::tiled_partition<32>(block);\n"
      "  x[0] = cg::reduce(tile, x[block.thread_rank()], cg::plus<int>());\n"
      "}\n");
}

TEST(CudaHeaders, CubInOneHeaderBesideOurOwn) {
  ExpectCompiles(
      "#include <cfloat>\n"
      "#include <climits>\n"
      "#include <cstdint>\n"
      "#include <cub/cub.cuh>\n"
      "__global__ void k(int64_t* x) {\n"
      "  using Reduce = cub::BlockReduce<int64_t, 128>;\n"
      "  __shared__ typename Reduce::TempStorage storage;\n"
      "  const int64_t sum = Reduce(storage).Sum(x[threadIdx.x]);\n"
      "  if (threadIdx.x == 0) x[0] = sum;\n"
      "}\n");
}

TEST(CudaHeaders, TheStandardLibraryOfCcclBesideOurOwn) {
  ExpectCompiles(
      "#include <cuda/atomic>\n"
      "#include <cuda/std/cstdint>\n"
      "#include <cuda/std/limits>\n"
      "#include <cuda/std/type_traits>\n"
      "#include <cstdint>\n"
      "#include <limits>\n"
      "#include <type_traits>\n"
      "static_assert(cuda::std::is_same_v<cuda::std::int64_t, long>);\n"
      "static_assert(std::is_same_v<cuda::std::uint64_t, uint64_t>);\n"
      "__global__ void k(int* x) {\n"
      "  cuda::atomic_ref<int, cuda::thread_scope_device> counter(x[0]);\n"
      "  ++counter;\n"
      "}\n");
}

TEST(CudaHeaders, TheRuntimesOwn) {
  ExpectCompiles(
      "#include <cuda_runtime.h>\n"
      "#include <cuda_runtime_api.h>\n"
      "#include <device_launch_parameters.h>\n"
      "#include <math_constants.h>\n"
      "#include <vector_types.h>\n"
      "__global__ void k(float4* x) { x[blockIdx.x] = make_float4(CUDART_INF_F, 1, 2, 3); }\n");
}

TEST(CudaHeaders, AreThoseOfTheVersionOfNvrtc) {
  const Nvrtc& nvrtc = OpenNvrtc();
  const CudaIncludeDirs found = FindCudaIncludeDirs(nvrtc, "");
  ASSERT_FALSE(found.folders.empty());
  DeviceSource source =
      Source("#include <cuda_runtime_api.h>\n__global__ void k(int* x) { x[0] = CUDART_VERSION; }");
  const std::string ptx = CompileDevice(source, For({"compute_90"})).images[0].code;
  EXPECT_THAT(ptx, HasSubstr(", " + std::to_string(nvrtc.major())));
  for (const std::string& folder : found.folders) {
    EXPECT_TRUE(std::filesystem::is_directory(folder)) << folder;
  }
}

TEST(CudaHeaders, ComeWithAWheelThatMessagesCanName) {
  EXPECT_THAT(WhereToGet("cub/cub.cuh", 12), HasSubstr("nvidia-cuda-cccl-cu12"));
  EXPECT_THAT(WhereToGet("cuda/std/limits", 13), HasSubstr("\"nvidia-cuda-cccl==13.*\""));
  EXPECT_THAT(WhereToGet("cuda_fp16.h", 12), HasSubstr("nvidia-cuda-runtime-cu12"));
  EXPECT_THAT(WhereToGet("crt/mma.h", 12), HasSubstr("nvidia-cuda-nvcc-cu12"));
  EXPECT_THAT(WhereToGet("crt/mma.h", 13), HasSubstr("nvidia-cuda-crt"));
  EXPECT_EQ(WhereToGet("my/cuda.h", 13), "");
}

}  // namespace
}  // namespace kiln::jit
