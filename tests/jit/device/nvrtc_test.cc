// Code that NVRTC really made, on the stand-in: what it reads from the code agrees with the source.

#include <dlfcn.h>

#include <cstdint>
#include <cstring>

#include "jit/artifact/fat_binary.h"
#include "jit/compile/cuda/find_nvrtc.h"
#include "tests/jit/device/standin/image.h"
#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

constexpr const char* kSource = R"(
struct Pair { int first; double second; char tail[5]; };
__constant__ float table[8];
__device__ int counter;
extern "C" __global__ void __launch_bounds__(128) scale(float* x, int n, Pair pair, short last) {
  __shared__ float copy[64];
  extern __shared__ float more[];
  copy[threadIdx.x & 63] = x[threadIdx.x];
  more[threadIdx.x] = table[threadIdx.x & 7];
  __syncthreads();
  if (threadIdx.x < n) x[threadIdx.x] = copy[(n - threadIdx.x) & 63] * more[n & 31] + pair.second;
  if (threadIdx.x == 0) counter += last + pair.first;
}
extern "C" __global__ void nothing() {}
)";

struct Pair {
  int first;
  double second;
  char tail[5];
};

// Compiles kSource: a cubin for "sm_90", PTX for "compute_90".
class Nvrtc {
 public:
  static std::string Compile(const std::string& architecture) {
    const NvrtcSearch nvrtc = FindNvrtc();
    std::string looked_at;
    for (const std::string& name : nvrtc.looked_at) looked_at += " " + name;
    EXPECT_NE(nvrtc.handle, nullptr) << "NVRTC is not here; looked at" << looked_at;
    if (nvrtc.handle == nullptr) return "";
    return Nvrtc(nvrtc.handle).Run(architecture);
  }

 private:
  explicit Nvrtc(void* library) : library_(library) {}

  template <typename... Parameters>
  int Call(const char* name, Parameters... parameters) {
    auto* const function = reinterpret_cast<int (*)(Parameters...)>(dlsym(library_, name));
    return function == nullptr ? -1 : function(parameters...);
  }

  std::string Run(const std::string& architecture) {
    void* program = nullptr;
    const std::string option = "-arch=" + architecture;
    const char* const options[] = {option.c_str()};
    EXPECT_EQ(
        Call("nvrtcCreateProgram", &program, kSource, "k.cu", 0,
             static_cast<const char* const*>(nullptr), static_cast<const char* const*>(nullptr)),
        0);
    EXPECT_EQ(Call("nvrtcCompileProgram", program, 1, &options[0]), 0);
    const bool is_ptx = architecture.starts_with("compute_");
    size_t size = 0;
    EXPECT_EQ(Call(is_ptx ? "nvrtcGetPTXSize" : "nvrtcGetCUBINSize", program, &size), 0);
    std::string code(size, '\0');
    EXPECT_EQ(Call(is_ptx ? "nvrtcGetPTX" : "nvrtcGetCUBIN", program, code.data()), 0);
    Call("nvrtcDestroyProgram", &program);
    if (is_ptx) code.resize(size - 1);  // its final zero
    return code;
  }

  void* library_;
};

void ExpectKernelsOfTheSource(const standin::Image& image) {
  ASSERT_TRUE(image.kernels.contains("scale") && image.kernels.contains("nothing"));
  EXPECT_TRUE(image.kernels.at("nothing").parameters.empty());
  const standin::ImageKernel& scale = image.kernels.at("scale");
  ASSERT_EQ(scale.parameters.size(), 4U);
  const std::vector<std::pair<size_t, size_t>> expected = {{0, 8}, {8, 4}, {16, 24}, {40, 2}};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(scale.parameters[i].offset, expected[i].first) << i;
    EXPECT_EQ(scale.parameters[i].size, expected[i].second) << i;
  }
}

class NvrtcCode : public StandIn {};

TEST_F(NvrtcCode, CubinSaysWhatTheSourceDoes) {
  for (const int architecture : {80, 90, 100}) {
    const std::string cubin = Nvrtc::Compile("sm_" + std::to_string(architecture));
    const auto image = standin::ReadImage(cubin.data());
    ASSERT_TRUE(image);
    EXPECT_EQ(image->architecture, architecture);
    ExpectKernelsOfTheSource(*image);
    EXPECT_EQ(image->kernels.at("scale").max_threads, 128U);
    EXPECT_GE(image->kernels.at("scale").static_shared, 256U);
    EXPECT_EQ(image->variables.at("table"), 32U);
    EXPECT_EQ(image->variables.at("counter"), 4U);
  }
}

TEST_F(NvrtcCode, PtxSaysWhatTheSourceDoes) {
  const std::string ptx = Nvrtc::Compile("compute_80");
  const auto image = standin::ReadImage(ptx.c_str());
  ASSERT_TRUE(image);
  EXPECT_EQ(image->architecture, 80);
  ExpectKernelsOfTheSource(*image);
}

TEST_F(NvrtcCode, LaunchesWithItsParametersByteForByte) {
  TestModule module({{DeviceImage::Form::kCubin, 80, "", Nvrtc::Compile("sm_80")},
                     {DeviceImage::Form::kPtx, 80, "", Nvrtc::Compile("compute_80")}},
                    {"scale", "nothing"}, {"table", "counter"});
  auto* const x = reinterpret_cast<float*>(0x1020304050607080);
  const Pair pair = {-5, 0.25, {'a', 'b', 'c', 'd', 'e'}};
  const int16_t last = 0x1234;
  for (const int device : {0, 1}) {  // the cubin, and the PTX
    runtime::cudaSetDevice(device);
    ASSERT_EQ(module.Launch(0, {2, 1, 1}, {64, 1, 1}, 512, nullptr, x, 7, pair, last), kSuccess);
    const void* parameters = nullptr;
    ASSERT_GE(kiln_standin_parameters(&parameters), 42U);
    const auto* const bytes = static_cast<const char*>(parameters);
    EXPECT_EQ(std::memcmp(bytes, static_cast<const void*>(&x), 8), 0);
    EXPECT_EQ(bytes[8], 7);
    EXPECT_EQ(std::memcmp(bytes + 16, &pair.first, 4), 0);
    EXPECT_EQ(std::memcmp(bytes + 24, &pair.second, 8), 0);
    EXPECT_EQ(std::memcmp(bytes + 32, pair.tail, 5), 0);
    EXPECT_EQ(std::memcmp(bytes + 40, &last, 2), 0);
  }
  EXPECT_EQ(Calls("cuLibraryLoadData"),
            (std::vector<std::string>{"cuLibraryLoadData sm_80", "cuLibraryLoadData compute_80"}));
  EXPECT_EQ(module.Launch(1, {1, 1, 1}, {1, 1, 1}, 0, nullptr), kSuccess);
}

TEST_F(NvrtcCode, LaunchBoundsOfTheSourceHold) {
  TestModule module({{DeviceImage::Form::kCubin, 80, "", Nvrtc::Compile("sm_80")}}, {"scale"});
  const Pair pair = {};
  float* const x = nullptr;
  EXPECT_EQ(module.Launch(0, {1, 1, 1}, {129, 1, 1}, 0, nullptr, x, 1, pair, int16_t{0}),
            kInvalidValue);
}

}  // namespace
}  // namespace kiln::jit
