#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/jit/compile/cuda/device.h"

namespace kiln::jit {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kScale[] = "__global__ void scale(float* x, float a) { x[threadIdx.x] *= a; }\n";

TEST(DeviceCompiler, MakesACubinForEachArchitectureInOrder) {
  const DeviceCode code = Compile(kScale, {}, For({"sm_90", "sm_80", "sm_100"}));
  ASSERT_EQ(code.images.size(), 3U);
  for (const DeviceImage& image : code.images) {
    EXPECT_EQ(image.form, DeviceImage::Form::kCubin);
    EXPECT_EQ(ArchitectureOf(image.code), image.architecture);
    EXPECT_THAT(image.code, HasSubstr("_Z5scalePff"));
  }
  EXPECT_EQ(code.images[0].architecture, 90);
  EXPECT_EQ(code.images[1].architecture, 80);
  EXPECT_EQ(code.images[2].architecture, 100);
}

TEST(DeviceCompiler, MakesCodeOfTheGpusOwnWhereASuffixAsksForIt) {
  const DeviceCode code = Compile(kScale, {}, For({"sm_90a", "compute_100f"}));
  EXPECT_EQ(ArchitectureName(code.images[0]), "sm_90a");
  EXPECT_EQ(ArchitectureOf(code.images[0].code), 90);
  EXPECT_THAT(code.images[1].code, HasSubstr(".target sm_100f"));
}

TEST(DeviceCompiler, MakesPtxThatIsText) {
  const DeviceCode code = Compile(kScale, {}, For({"compute_80"}));
  const std::string& ptx = code.images[0].code;
  EXPECT_EQ(code.images[0].form, DeviceImage::Form::kPtx);
  EXPECT_THAT(ptx, HasSubstr(".target sm_80"));
  EXPECT_THAT(ptx, HasSubstr(".entry _Z5scalePff("));
  EXPECT_EQ(ptx.find('\0'), std::string::npos);
}

TEST(DeviceCompiler, MakesLtoIr) {
  const DeviceCode code = Compile(kScale, {}, For({"lto_90"}));
  EXPECT_EQ(code.images[0].form, DeviceImage::Form::kLtoIr);
  EXPECT_EQ(code.images[0].architecture, 90);
  EXPECT_GT(code.images[0].code.size(), 100U);
}

TEST(DeviceCompiler, MakesTheSameBytesEachTime) {
  const std::string text = "namespace { __global__ void k(int* x) { x[0] = 1; } }\n";
  EXPECT_EQ(Compile(text, {"k"}).images, Compile(text, {"k"}).images);
}

TEST(DeviceCompiler, TellsTheLoweredNameOfEveryExpression) {
  const DeviceCode code = Compile(
      "template <class T> __global__ void fill(T* x, T v) { x[threadIdx.x] = v; }\n"
      "namespace ns { __constant__ int table[4]; __device__ float total; }\n"
      "__global__ void f(int*) {}\n"
      "__global__ void f(float*) {}\n"
      "extern \"C\" __global__ void plain() {}\n",
      {"fill<float>", "(void(*)(int*, int))(fill<int>)", "&ns::table", "&ns::total",
       "(void(*)(float*))(f)", "plain"});
  EXPECT_EQ(code.lowered_names.at("fill<float>"), "_Z4fillIfEvPT_S0_");
  EXPECT_EQ(code.lowered_names.at("(void(*)(int*, int))(fill<int>)"), "_Z4fillIiEvPT_S0_");
  EXPECT_EQ(code.lowered_names.at("&ns::table"), "_ZN2ns5tableE");
  EXPECT_EQ(code.lowered_names.at("&ns::total"), "_ZN2ns5totalE");
  EXPECT_EQ(code.lowered_names.at("(void(*)(float*))(f)"), "_Z1fPf");
  EXPECT_EQ(code.lowered_names.at("plain"), "plain");
}

TEST(DeviceCompiler, NamesHiddenKernelsAlikeForEveryArchitecture) {
  const DeviceCode code = Compile(
      "namespace { __global__ void k(int* x) { x[0] = 1; } }\n"
      "static __global__ void s(int* x) { x[0] = 2; }\n",
      {"k", "s"}, For({"sm_80", "sm_90", "compute_90"}));
  for (const DeviceImage& image : code.images) {
    EXPECT_THAT(image.code, HasSubstr(code.lowered_names.at("k")));
    EXPECT_THAT(image.code, HasSubstr(code.lowered_names.at("s")));
  }
}

TEST(DeviceCompiler, ReadsHeadersInMemoryBeforeFolders) {
  DeviceSource source =
      Source("#include \"values.h\"\n__global__ void k(int* x) { x[0] = kValue; }");
  source.headers["values.h"] = "constexpr int kValue = 4711;\n";
  const DeviceCode code = CompileDevice(source, For({"compute_90"}));
  EXPECT_THAT(code.images[0].code, HasSubstr("4711"));
}

TEST(DeviceCompiler, DefinesMacrosAndTakesTheStandard) {
  DeviceSource source = Source("__global__ void k(long* x) { x[0] = VALUE; x[1] = __cplusplus; }");
  source.defines = {"VALUE=4711"};
  source.standard = "gnu++20";
  const std::string ptx = CompileDevice(source, For({"compute_90"})).images[0].code;
  EXPECT_THAT(ptx, HasSubstr("4711"));
  EXPECT_THAT(ptx, HasSubstr("202002"));
}

TEST(DeviceCompiler, IsCpp17WhereNoStandardIsNamed) {
  EXPECT_THAT(Compile("__global__ void k(long* x) { x[0] = __cplusplus; }", {}, For({"compute_90"}))
                  .images[0]
                  .code,
              HasSubstr("201703"));
}

TEST(DeviceCompiler, FastMathUsesApproximations) {
  const std::string text = "__global__ void k(float* x) { x[0] = x[1] / x[2]; }";
  DeviceOptions options = For({"compute_90"});
  EXPECT_THAT(Compile(text, {}, options).images[0].code, Not(HasSubstr("div.approx.ftz")));
  options.fast_math = true;
  EXPECT_THAT(Compile(text, {}, options).images[0].code, HasSubstr("div.approx.ftz"));
}

TEST(DeviceCompiler, LimitsRegisters) {
  DeviceOptions options = For({"sm_90"});
  options.max_registers = 3;
  const DeviceCode code = Compile(kScale, {}, options);
  ASSERT_EQ(code.diagnostics.size(), 1U);
  EXPECT_EQ(code.diagnostics[0].severity, Severity::kWarning);
  EXPECT_THAT(code.diagnostics[0].message, HasSubstr("register count of 3 to lower bound of 24"));
}

TEST(DeviceCompiler, WritesLineInformationAndDebugCodeWhenAsked) {
  DeviceOptions options = For({"compute_90"});
  EXPECT_THAT(Compile(kScale, {}, options).images[0].code, Not(HasSubstr(".loc")));
  options.line_info = true;
  EXPECT_THAT(Compile(kScale, {}, options).images[0].code, HasSubstr(".loc"));
  options.debug = true;
  const DeviceCode debug = Compile(kScale, {}, options);
  EXPECT_THAT(debug.images[0].code, HasSubstr(", debug"));
  EXPECT_TRUE(debug.diagnostics.empty());
}

TEST(DeviceCompiler, PassesFurtherFlagsOn) {
  DeviceOptions options = For({"compute_90"});
  options.flags = {"-fmad=false"};
  EXPECT_THAT(Compile("__global__ void k(float* x) { x[0] = x[1] * x[2] + x[3]; }", {}, options)
                  .images[0]
                  .code,
              Not(HasSubstr("fma.rn")));
}

TEST(DeviceCompiler, LowersTheAssemblersEffort) {
  const std::string text =
      "__global__ void k(float* x) { float s = 0; for (int i = 0; i < 64; ++i) s += x[i] * x[i + "
      "1];\n"
      "x[threadIdx.x] = s; }";
  DeviceOptions options = For({"sm_90"});
  const std::string best = Compile(text, {}, options).images[0].code;
  options.opt_level = 0;
  EXPECT_NE(Compile(text, {}, options).images[0].code, best);
}

TEST(DeviceCompiler, ReportsWhatTheAssemblerSaysWhenAsked) {
  DeviceOptions options = For({"sm_90"});
  options.flags = {"-Xptxas=-v"};
  const DeviceCode code = Compile(kScale, {}, options);
  ASSERT_FALSE(code.diagnostics.empty());
  bool has_registers = false;
  for (const Diagnostic& diagnostic : code.diagnostics) {
    EXPECT_EQ(diagnostic.severity, Severity::kRemark);
    has_registers |= Contains(diagnostic.message, "registers");
  }
  EXPECT_TRUE(has_registers);
}

TEST(DeviceCompiler, WarnsOnceForAllArchitectures) {
  const DeviceCode code = Compile("__global__ void k(int* x) {\n  int unused;\n  x[0] = 1;\n}\n",
                                  {}, For({"sm_80", "sm_90", "compute_90"}));
  ASSERT_EQ(code.diagnostics.size(), 1U);
  const Diagnostic& warning = code.diagnostics[0];
  EXPECT_EQ(warning.severity, Severity::kWarning);
  EXPECT_EQ(warning.line, 2U);
  EXPECT_EQ(warning.column, 7U);
  EXPECT_EQ(warning.source_line, "  int unused;");
  EXPECT_EQ(warning.option, "-diag-suppress=177");
}

}  // namespace
}  // namespace kiln::jit
