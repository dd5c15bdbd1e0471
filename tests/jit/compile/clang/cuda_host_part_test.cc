// The host part of CUDA sources: what the device compiler is given, and by what names.
#include "jit/compile/clang/cuda_host_part.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

bool HasHeader(std::string_view name) {
  static const std::set<std::string_view> kHeaders = {"cuda_runtime.h", "cuda_fp16.h", "cstdint",
                                                      "cooperative_groups.h"};
  return kHeaders.count(name) != 0;
}

struct Split {
  DeviceTexts texts;
  std::vector<std::string> expressions;
};

Split SplitOf(const std::string& text, const CompileOptions& options = {}) {
  const Source source{Language::kCuda, "k.cu", text};
  CompileReport report;
  const CudaHostPart host(source, options, HasHeader, &report);
  return {host.texts(), host.expressions()};
}

// `text` with all that stands between « and » blank, and without these marks.
std::string Marked(std::string_view text, bool blank) {
  std::string result;
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("«") || text.substr(i).starts_with("»")) {
      inside = text.substr(i).starts_with("«");
      ++i;
    } else {
      result += inside && blank && text[i] != '\n' ? ' ' : text[i];
    }
  }
  return result;
}

// Checks that what stands between « and », and nothing else, is blank for the device.
void ExpectBlank(std::string_view marked) {
  EXPECT_EQ(SplitOf(Marked(marked, /*blank=*/false)).texts.source, Marked(marked, /*blank=*/true));
}

TEST(CudaHostPart, HostFunctionsAreBlankForTheDevice) {
  ExpectBlank(R"(
__global__ void k(float* x) { x[threadIdx.x] *= 2; }
«void run(float* x) {
  k<<<1, 32>>>(x);
}»
__device__ float twice(float x) { return 2 * x; }
__host__ __device__ float half_of(float x) { return x / 2; }
constexpr int kSize = 32;
constexpr int square(int x) { return x * x; }
«static int calls = 0;»
«static void count() { ++calls; }»
__device__ int on_device;
__constant__ float table[4] = {1, 2, 3, 4};
)");
}

TEST(CudaHostPart, WhatNeedsHostHeadersIsBlankForTheDevice) {
  ExpectBlank(R"(
«#include <vector>»
«#include <string>»
#include <cuda_fp16.h>
#include <cstdint>
«using std::vector;»
using namespace std;
«struct Named { std::string name; int n; };»
«using Names = std::vector<Named>;»
«typedef Named Alias;»
struct Config {
  int n;
  float scale;
  «Config(int a, float b) : n(a), scale(b) {}»
  __host__ __device__ float f(float x) const { return x * scale; }
  «void print() const;»
  constexpr int twice() const { return 2 * n; }
  «constexpr int more(const std::vector<int>& than) const { return n; }»
  «std::vector<int> list() const { return {n}; }»
};
«void Config::print() const {}»
«template <class T> constexpr int size_of(const std::vector<T>& v) { return sizeof(T); }»
template <class T> constexpr int size_of(const T* v) { return sizeof(T); }
«static const std::string kName = "x";»
template <class T> __global__ void k(Config c, T* x) { x[0] = c.f(x[0]); }
«template <class T> void launch(Config c, T* x) { k<T><<<1, 1>>>(c, x); }»
«extern "C" void run(float* x) { launch(Config(1, 2.f), x); }»
)");
}

TEST(CudaHostPart, TextsKeepTheirMacrosAndConditions) {
  ExpectBlank(R"(
#define KERNEL __global__ void
#ifdef __CUDA_ARCH__
__device__ void only_on_device() { asm volatile("membar.gl;"); }
#endif
#define SIZE 4
namespace a { namespace { KERNEL k(int* x) { x[0] = SIZE; } } }
)");
}

TEST(CudaHostPart, EveryKernelThatIsUsedHasAnExpression) {
  const Split split = SplitOf(R"(
namespace app {
enum class Op { kAdd, kMul };
struct Config { int n; };
template <Op O, class T> __global__ void apply(Config c, const T* a, T* o) {}
static __global__ void local(float* o, int n) {}
namespace { __global__ void hidden(float* o) {} }
__global__ void overloaded(int* p) {}
__global__ void overloaded(float* p) {}
__constant__ float table[4];
__device__ int counter;
}
extern "C" __global__ void plain(double* x) {}
void run(float* x, int* p) {
  app::apply<app::Op::kMul><<<1, 1>>>(app::Config{1}, x, x);
  app::apply<app::Op::kAdd, int><<<1, 1>>>(app::Config{1}, p, p);
  app::local<<<1, 1>>>(x, 1);
  app::hidden<<<1, 1>>>(x);
  float host[4] = {};
  cudaMemcpyToSymbol(app::table, host, sizeof(host));
}
)");
  const std::set<std::string> expressions(split.expressions.begin(), split.expressions.end());
  EXPECT_EQ(expressions,
            (std::set<std::string>{
                "(void(*)(app::Config, const float *, float *))(app::apply<app::Op::kMul, float>)",
                "(void(*)(app::Config, const int *, int *))(app::apply<app::Op::kAdd, int>)",
                "(void(*)(float *, int))(app::local)", "(void(*)(float *))(app::hidden)",
                "(void(*)(int *))(app::overloaded)", "(void(*)(float *))(app::overloaded)",
                "(void(*)(double *))(plain)", "&app::table", "&app::counter"}));
}

TEST(CudaHostPart, HeadersOfTheUserAreSplitToo) {
  CompileOptions options;
  options.headers = {{"mine.h",
                      "#include \"sub/inner.h\"\n#include <vector>\n"
                      "__device__ float f(float x) { return g(x); }\n"
                      "inline std::vector<int> list() { return {}; }\n"},
                     {"sub/inner.h",
                      "#pragma once\n__device__ float g(float x) { return x; }\n"
                      "void host() {}\n"}};
  const Split split =
      SplitOf("#include \"mine.h\"\n__global__ void k(float* x) { *x = f(*x); }\n", options);
  EXPECT_EQ(split.texts.source,
            "#include \"mine.h\"\n__global__ void k(float* x) { *x = f(*x); }\n");
  ASSERT_EQ(split.texts.headers.size(), 2u);
  EXPECT_EQ(split.texts.headers.at("mine.h"),
            "#include \"sub/inner.h\"\n                 \n"
            "__device__ float f(float x) { return g(x); }\n" +
                std::string(45, ' ') + "\n");
  EXPECT_EQ(
      split.texts.headers.at("sub/inner.h"),
      "#pragma once\n__device__ float g(float x) { return x; }\n" + std::string(14, ' ') + "\n");
}

TEST(CudaHostPart, ErrorsOfTheHostPartHaveTheirPlace) {
  const Thrown error = ThrownBy([] {
    SplitOf("__global__ void k(int* x) {}\nvoid run(int* x) { k<<<1>>>(x, missing); }\n");
  });
  EXPECT_EQ(error.kind, "CompileError");
  EXPECT_TRUE(Contains(error.message, "k.cu:2:")) << error.message;
}

}  // namespace
}  // namespace kiln::jit
