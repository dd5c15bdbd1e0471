// CUDA through the door: one .cu in, Functions out, launched on the stand-in driver
// (tests/jit/device/standin), which checks each launch against the cubin that NVRTC made.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/environment.h"
#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/device/standin/standin.h"
#include "tests/jit/error_of.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

// Before anything asks for the driver: two devices, of sm_80 and sm_90.
const int kStandInIsChosen = setenv("KILN_CUDA_DRIVER", KILN_STANDIN_DRIVER, 1);

Module CompileCuda(std::string_view text, std::vector<std::string> exports,
                   std::vector<std::pair<std::string, Any>> more = {}) {
  jit::CompileOptions options{.name = "k.cu", .exports = std::move(exports)};
  options.more = std::move(more);
  return jit::Compile(text, options);
}

std::string CudaKernel(const std::string& name) {
  return ReadFile(KILN_KERNEL_SOURCE_DIR "/cuda/" + name + ".cu");
}

std::pair<std::string, Any> Architectures(std::initializer_list<const char*> names) {
  std::vector<String> list(names.begin(), names.end());
  return {"cuda_archs", Array<String>::From(list)};
}

Any LaunchOf(std::vector<AnyView> options) {
  return GlobalFunction::Get("kiln.jit.launch")
      .CallPacked(options.data(), static_cast<int32_t>(options.size()));
}

// A vector that says it is on a GPU; the stand-in's memory is the host's.
template <class T>
struct GpuVector {
  std::vector<T> values;
  int64_t shape = 0;
  DLTensor tensor{};

  GpuVector(std::vector<T> content, int device = 0) : values(std::move(content)) {
    shape = static_cast<int64_t>(values.size());
    tensor.data = values.data();
    tensor.device = {kDLCUDA, device};
    tensor.ndim = 1;
    tensor.dtype = DataTypeOf<T>();
    tensor.shape = &shape;
  }
  GpuVector(const GpuVector&) = delete;
  DLTensor* get() { return &tensor; }
};

std::vector<std::string> LinesWith(const std::string& text, const std::string& part) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    if (text.substr(at, end - at).find(part) != std::string::npos) {
      lines.push_back(text.substr(at, end - at));
    }
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> Launches() { return LinesWith(kiln_standin_log(), "cuLaunchKernelEx"); }

// What the GPU would do for the kernel `add` of vector_add.cu.
void RunAdd(const char*, void** parameters, size_t threads) {
  const float* a = *static_cast<const float**>(parameters[0]);
  const float* b = *static_cast<const float**>(parameters[1]);
  float* c = *static_cast<float**>(parameters[2]);
  const auto n = static_cast<size_t>(*static_cast<int*>(parameters[3]));
  for (size_t i = 0; i < n && i < threads; ++i) c[i] = a[i] + b[i];
}

class Cuda : public ::testing::Test {
 protected:
  Cuda() { kiln_standin_reset(); }
  ~Cuda() override { kiln_standin_run(nullptr); }
};

TEST_F(Cuda, AHostFunctionLaunchesItsKernel) {
  const Function add =
      CompileCuda(CudaKernel("vector_add"), {"vector_add"}).GetFunction("vector_add");
  GpuVector<float> a({1, 2, 3}), b({10, 20, 30}), c({0, 0, 0});
  kiln_standin_run(&RunAdd);
  add(a.get(), b.get(), c.get(), 3);
  EXPECT_EQ(c.values, (std::vector<float>{11, 22, 33}));
  EXPECT_EQ(Launches(),
            std::vector<std::string>{
                "cuLaunchKernelEx _Z3addPKfS0_Pfi on 0 grid 1,1,1 block 256,1,1 smem 0"});
}

TEST_F(Cuda, ParametersArriveByteForByte) {
  const Function add =
      CompileCuda(CudaKernel("vector_add"), {"vector_add"}).GetFunction("vector_add");
  GpuVector<float> a({1}), b({2}), c({3});
  add(a.get(), b.get(), c.get(), 0x01020304);
  const void* bytes = nullptr;
  ASSERT_EQ(kiln_standin_parameters(&bytes), 28U);
  void* const pointers[] = {a.values.data(), b.values.data(), c.values.data()};
  EXPECT_EQ(std::memcmp(bytes, pointers, sizeof(pointers)), 0);
  EXPECT_EQ(std::memcmp(static_cast<const char*>(bytes) + 24, "\x04\x03\x02\x01", 4), 0);
}

TEST_F(Cuda, ABareKernelIsAFunction) {
  const Function add = CompileCuda(CudaKernel("vector_add"), {"add"}).GetFunction("add");
  GpuVector<float> a({1, 2, 3}, 1), b({10, 20, 30}, 1), c({0, 0, 0}, 1);
  kiln_standin_run(&RunAdd);
  const StreamGuard guard({kDLCUDA, 1}, reinterpret_cast<Stream>(2));
  add(a.get(), b.get(), c.get(), 3, LaunchOf({"grid", 2, "block", 64, "smem", 16}));
  EXPECT_EQ(c.values, (std::vector<float>{11, 22, 33}));
  EXPECT_EQ(Launches(), std::vector<std::string>{"cuLaunchKernelEx _Z3addPKfS0_Pfi on 1 grid 2,1,1 "
                                                 "block 64,1,1 smem 16 stream 0x2"});
}

TEST_F(Cuda, AStoredLaunchHasAThreadForEachElement) {
  const Function add =
      CompileCuda(CudaKernel("vector_add"), {"add"}, {{"launch", "1d"}}).GetFunction("add");
  GpuVector<float> a(std::vector<float>(5000, 1)), b(std::vector<float>(5000, 2)),
      c(std::vector<float>(5000, 0));
  kiln_standin_run(&RunAdd);
  add(a.get(), b.get(), c.get(), 5000);
  EXPECT_EQ(c.values, std::vector<float>(5000, 3));
  add(a.get(), b.get(), c.get(), 5000, LaunchOf({"grid", 1}));
  EXPECT_EQ(Launches().size(), 2U);
  EXPECT_NE(Launches()[1].find("grid 1,1,1"), std::string::npos) << "the call's own comes first";
  GpuVector<float> none(std::vector<float>{});
  add(none.get(), b.get(), c.get(), 0);
  EXPECT_EQ(Launches().size(), 2U) << "no element, no launch";
}

TEST_F(Cuda, WrongArgumentsAreNamed) {
  const Module module =
      CompileCuda(CudaKernel("vector_add"), {"add", "vector_add"}, {{"launch", "1d"}});
  const Function add = module.GetFunction("add");
  GpuVector<float> a({1}), b({2}), c({3}), other({4}, 1);
  GpuVector<double> doubles({5});
  const auto error = [&](auto... args) { return ErrorOf([&] { add(args...); }); };
  EXPECT_EQ(error(a.get(), doubles.get(), c.get(), 1),
            "TypeError: add: argument 1 (b): expected float32 tensor, got float64 tensor of shape "
            "[1]");
  const Tensor on_cpu = Tensor::Empty({1}, DataTypeOf<float>());
  EXPECT_EQ(error(a.get(), on_cpu, c.get(), 1),
            "ValueError: add: argument 1 (b): expected a tensor in CUDA memory, got one on cpu:0");
  EXPECT_EQ(
      error(a.get(), b.get(), other.get(), 1),
      "ValueError: add: argument 2 (c): expected a tensor on the GPU of the first one, got one "
      "on cuda:1");
  EXPECT_EQ(error(a.get(), b.get(), c.get()), "TypeError: add: expected 4 arguments, got 3");
  EXPECT_EQ(error(a.get(), b.get(), c.get(), int64_t{1} << 40),
            "ValueError: add: argument 3 (n): expected int (32 bits), got int 1099511627776, which "
            "it can't hold");
  EXPECT_NE(
      error(a.get(), b.get(), c.get(), 1, 7).find("the launch must be a kiln.jit.Launch, got "),
      std::string::npos);
  module.GetFunction("vector_add")(a.get(), on_cpu, c.get(), 1);
  EXPECT_TRUE(ErrorOf([&] {
                module.GetFunction("vector_add")(doubles.get(), b.get(), c.get(), 1);
              }).starts_with("TypeError: vector_add: argument 0 (a)"));
}

TEST_F(Cuda, ALaunchThatCannotBeIsAnError) {
  const Module module = CompileCuda(CudaKernel("vector_add"), {"add"});
  const Function add = module.GetFunction("add");
  GpuVector<float> a({1}), b({2}), c({3});
  const auto error = [&](std::vector<AnyView> options) {
    return ErrorOf([&] { add(a.get(), b.get(), c.get(), 1, LaunchOf(std::move(options))); });
  };
  EXPECT_NE(error({"grid", 0, "block", 32}).find("grid"), std::string::npos);
  EXPECT_NE(error({"grid", 1, "block", 2048}).find("2048"), std::string::npos);
  EXPECT_NE(error({"grid", 1, "block", 32, "smem", 1 << 20}).find("1048576"), std::string::npos);
  EXPECT_NE(ErrorOf([&] { add(a.get(), b.get(), c.get(), 1); }).find("no grid is given"),
            std::string::npos);
  EXPECT_TRUE(Launches().empty());
  kiln_standin_fail("cuLaunchKernelEx", 719);
  EXPECT_NE(error({"grid", 1, "block", 32}).find("CUDA_ERROR_LAUNCH_FAILED while launching add"),
            std::string::npos);
}

TEST_F(Cuda, CodeForAnotherGpuIsAnErrorOfTheLaunch) {
  const Function add = CompileCuda(CudaKernel("vector_add"), {"add"}, {Architectures({"sm_100"})})
                           .GetFunction("add");
  GpuVector<float> a({1}), b({2}), c({3});
  const Any launch = LaunchOf({"grid", 1, "block", 1});
  const std::string error = ErrorOf([&] { add(a.get(), b.get(), c.get(), 1, launch); });
  EXPECT_NE(error.find("sm_100"), std::string::npos) << error;
  EXPECT_NE(error.find("device 0 (sm_80)"), std::string::npos) << error;
}

TEST_F(Cuda, CodeIsLoadedByTheFirstLaunchAndUnloadedWithTheModule) {
  const size_t before = kiln_standin_count("libraries");
  {
    const Module module = CompileCuda(CudaKernel("vector_add"), {"vector_add"});
    EXPECT_EQ(kiln_standin_count("libraries"), before);
    const Function add = module.GetFunction("vector_add");
    GpuVector<float> a({1}), b({2}), c({3});
    for (int i = 0; i < 3; ++i) add(a.get(), b.get(), c.get(), 1);
    EXPECT_EQ(kiln_standin_count("libraries"), before + 1);
  }
  EXPECT_EQ(kiln_standin_count("libraries"), before);
}

TEST_F(Cuda, KernelsLaunchedFromTemplatesAreFound) {
  const Function sum = CompileCuda(CudaKernel("reduction"), {"sum", "largest"}).GetFunction("sum");
  GpuVector<float> x(std::vector<float>(1000, 1)), partial(std::vector<float>(256, 0)), result({0});
  sum(x.get(), partial.get(), result.get(), 1000);
  const std::vector<std::string> launches = Launches();
  ASSERT_EQ(launches.size(), 2U);
  EXPECT_NE(launches[0].find("grid 4,1,1 block 256,1,1 smem 32"), std::string::npos) << launches[0];
  EXPECT_NE(launches[1].find("grid 1,1,1 block 256,1,1 smem 32"), std::string::npos) << launches[1];
}

TEST_F(Cuda, AWrittenModuleLaunchesAsTheFirstOne) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("kiln-cuda-" + std::to_string(getpid()) + ".kiln"))
          .string();
  CompileCuda(CudaKernel("vector_add"), {"add", "vector_add"}, {{"launch", "grid=1 block=32"}})
      ->WriteToFile(path, "kiln");
  const Module module = Module::LoadFromFile(path);
  std::filesystem::remove(path);
  GpuVector<float> a({1, 2}), b({3, 4}), c({0, 0});
  kiln_standin_run(&RunAdd);
  module.GetFunction("add")(a.get(), b.get(), c.get(), 2);
  EXPECT_EQ(c.values, (std::vector<float>{4, 6}));
}

TEST_F(Cuda, ConstantsAreCopiedToTheDevice) {
  const Module module = CompileCuda(R"(
#include <stdexcept>
#include <string>
__constant__ float table[4];
__global__ void k(float* x) { x[0] = table[1]; }
void set(float first) {
  const float values[4] = {first, 2, 3, 4};
  const cudaError_t error = cudaMemcpyToSymbol(table, values, sizeof(values));
  if (error != cudaSuccess) throw std::runtime_error(cudaGetErrorString(error));
}
int devices() { int n = -1; cudaGetDeviceCount(&n); return n; }
int bad_launch() { k<<<1, 4096>>>(nullptr); return cudaGetLastError(); }
int major() { cudaDeviceProp p; cudaGetDeviceProperties(&p, 1); return p.major * 10 + p.minor; }
)",
                                    {"set", "devices", "bad_launch", "major"});
  module.GetFunction("set")(1.5);
  EXPECT_EQ(LinesWith(kiln_standin_log(), "table").size(), 1U) << kiln_standin_log();
  EXPECT_EQ(module.GetFunction("devices")().cast<int>(), 2);
  EXPECT_EQ(module.GetFunction("bad_launch")().cast<int>(), 9) << "cudaErrorInvalidConfiguration";
  EXPECT_EQ(module.GetFunction("major")().cast<int>(), 90);
}

TEST_F(Cuda, KernelsAreDescribedLikeFunctions) {
  const Module module =
      CompileCuda("// Fills x.\n__global__ void fill(float* x, float by, int n) {}", {"fill"});
  EXPECT_EQ(module->GetFunctionDoc("fill").value().str(), "Fills x.");
  EXPECT_NE(module->GetFunctionMetadata("fill").value().str().find(
                "fill(x: float32 tensor, by: float, n: int (32 bits)) -> None"),
            std::string::npos);
}

TEST_F(Cuda, PtxIsAStage) {
  const Module module = CompileCuda(CudaKernel("sgemm"), {"sgemm"});
  const std::string ptx = module->InspectSource("ptx").str();
  EXPECT_NE(ptx.find(".entry _Z11sgemm_tiledILi16EEvPKfS1_Pfiii"), std::string::npos);
}

TEST_F(Cuda, ASharedLibraryHasItsHostFunctionsOnly) {
  const Module module = CompileCuda(CudaKernel("vector_add"), {"add", "vector_add"});
  EXPECT_NE(
      ErrorOf([&] { module->WriteToFile("/nonexistent/k.so", "so"); }).find("exports kernels"),
      std::string::npos);
}

TEST_F(Cuda, AnUnknownRuntimeCallIsALinkErrorThatNamesIt) {
  const std::string error = ErrorOf([] {
    CompileCuda(
        "extern \"C\" int cudaGraphInstantiate(void*);\n__global__ void k() {}\n"
        "int f() { k<<<1, 1>>>(); return cudaGraphInstantiate(nullptr); }\n",
        {"f"});
  });
  EXPECT_TRUE(error.starts_with("LinkError")) << error;
  EXPECT_NE(error.find("cudaGraphInstantiate"), std::string::npos) << error;
}

}  // namespace
}  // namespace kiln::testing
