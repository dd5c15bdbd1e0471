#include "jit/compile/cuda/device_headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jit/compile/embedded_file.h"
#include "tests/jit/compile/cuda/device.h"

namespace kiln::jit {
namespace {

using testing::HasSubstr;

// Compiles `text` with no header but ours: the folders that CUDA's lie in are not searched.
std::string PtxWithOursAlone(const std::string& text, const std::string& standard = "--std=c++17") {
  const DeviceSource source = Source(text);
  NvrtcProgram program(OpenNvrtc(), source.name, source.text, DeviceHeaders(source, {}));
  const int result = program.Compile({"-arch=compute_90", standard, "--device-int128"});
  EXPECT_EQ(result, NvrtcProgram::kSuccess);
  EXPECT_EQ(program.Log(), "");
  return program.Ptx();
}

TEST(DeviceHeaders, CompileEachByItself) {
  for (const EmbeddedFile& file : EmbeddedDeviceHeaders()) {
    if (file.path.starts_with("cub/")) continue;
    SCOPED_TRACE(file.path);
    PtxWithOursAlone("#include <" + std::string(file.path) + ">\n" +
                     "__global__ void k(int* x) { x[0] = 1; }\n");
  }
}

TEST(DeviceHeaders, CompileTogetherInEveryStandard) {
  std::string text;
  for (const EmbeddedFile& file : EmbeddedDeviceHeaders()) {
    if (!file.path.starts_with("cub/")) text += "#include <" + std::string(file.path) + ">\n";
  }
  text += "__global__ void k(int* x) { x[0] = 1; }\n";
  PtxWithOursAlone(text, "--std=c++17");
  PtxWithOursAlone(text, "--std=c++20");
}

TEST(DeviceHeaders, MeanWhatTheHostsMean) {
  PtxWithOursAlone(
      "#include <cfloat>\n"
      "#include <climits>\n"
      "#include <cstddef>\n"
      "#include <cstdint>\n"
      "#include <limits>\n"
      "#include <type_traits>\n"
      "#include <utility>\n"
      "struct S { int a; double b; };\n"
      "enum class E : short { x };\n"
      "static_assert(std::is_same_v<int64_t, long> && std::is_same_v<std::uint8_t, unsigned "
      "char>);\n"
      "static_assert(INT64_MAX == LONG_MAX && UINT32_MAX == UINT_MAX && SIZE_MAX == ULONG_MAX);\n"
      "static_assert(offsetof(S, b) == 8);\n"
      "static_assert(std::numeric_limits<int>::max() == INT_MAX);\n"
      "static_assert(std::numeric_limits<long>::digits10 == 18);\n"
      "static_assert(std::numeric_limits<unsigned char>::digits10 == 2);\n"
      "static_assert(std::numeric_limits<float>::infinity() > FLT_MAX);\n"
      "static_assert(std::numeric_limits<double>::lowest() == -DBL_MAX);\n"
      "static_assert(std::numeric_limits<double>::quiet_NaN() !=\n"
      "              std::numeric_limits<double>::quiet_NaN());\n"
      "static_assert(std::is_same_v<std::underlying_type_t<E>, short>);\n"
      "static_assert(std::is_same_v<std::decay_t<const int (&)[3]>, const int*>);\n"
      "static_assert(std::is_same_v<std::decay_t<void(int)>, void (*)(int)>);\n"
      "static_assert(std::is_same_v<std::common_type_t<int, float, double>, double>);\n"
      "static_assert(std::is_same_v<std::make_unsigned_t<const long>, unsigned long>);\n"
      "static_assert(std::is_same_v<std::remove_cvref_t<const int&>, int>);\n"
      "static_assert(std::is_signed_v<float> && std::is_unsigned_v<bool> && "
      "!std::is_signed_v<S>);\n"
      "static_assert(std::is_integral_v<__int128> && !std::is_integral_v<float>);\n"
      "static_assert(std::is_function_v<void(int)> && !std::is_function_v<int&>);\n"
      "static_assert(std::is_convertible_v<int, float> && !std::is_convertible_v<S, int>);\n"
      "static_assert(std::conjunction_v<> && !std::disjunction_v<std::false_type>);\n"
      "static_assert(std::is_same_v<std::make_index_sequence<5>,\n"
      "                             std::index_sequence<0, 1, 2, 3, 4>>);\n"
      "static_assert(std::is_same_v<decltype(std::make_pair(1, 2.f)), std::pair<int, float>>);\n"
      "__global__ void k(int* x) { x[0] = 1; }\n");
}

TEST(DeviceHeaders, CarryCodeThatRuns) {
  const std::string ptx = PtxWithOursAlone(
      "#include <algorithm>\n"
      "#include <cassert>\n"
      "#include <cmath>\n"
      "#include <cstdio>\n"
      "#include <cstdlib>\n"
      "#include <cstring>\n"
      "#include <utility>\n"
      "__global__ void k(float* x, unsigned n) {\n"
      "  x[0] = std::sqrt(x[1]) + INFINITY + std::max(x[2], x[3]) + std::fmaf(x[1], 2.f, 3.f);\n"
      "  x[1] = std::clamp(std::abs(x[3]), 0.f, 1.f) + std::pow(x[2], 2.f);\n"
      "  assert(n > 3);\n"
      "  printf(\"%d\", std::memcmp(x, x + 1, 4));\n"
      "  if (std::isnan(x[2])) std::abort();\n"
      "  std::swap(x[4], x[5]);\n"
      "  std::memcpy(x + 6, x + 8, 8);\n"
      "}\n");
  EXPECT_THAT(ptx, HasSubstr("sqrt.rn.f32"));
  EXPECT_THAT(ptx, HasSubstr("__assertfail"));
  EXPECT_THAT(ptx, HasSubstr("vprintf"));
  EXPECT_THAT(ptx, HasSubstr("trap;"));
}

TEST(DeviceHeaders, GiveWayToTheUsersOwn) {
  DeviceSource source = Source("#include <cstdint>\n__global__ void k(int* x) { x[0] = kMine; }\n");
  source.headers["cstdint"] = "constexpr int kMine = 4711;\n";
  const DeviceCode code = CompileDevice(source, For({"compute_90"}));
  EXPECT_THAT(code.images[0].code, HasSubstr("4711"));
}

TEST(DeviceHeaders, AreKnownByName) {
  DeviceSource source = Source("");
  source.headers["mine.h"] = "";
  EXPECT_TRUE(HasDeviceHeader("cstdint", source, {}));
  EXPECT_TRUE(HasDeviceHeader("mine.h", source, {}));
  EXPECT_FALSE(HasDeviceHeader("vector", source, {}));
  EXPECT_TRUE(IsSystemHeader("cstdint", source, {}));
  EXPECT_TRUE(IsSystemHeader("/cuda/include/a.h", source, {"/cuda/include"}));
  EXPECT_FALSE(IsSystemHeader("mine.h", source, {"/cuda/include"}));
}

}  // namespace
}  // namespace kiln::jit
