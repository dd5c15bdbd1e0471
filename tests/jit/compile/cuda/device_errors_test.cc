#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jit/compile/cuda/nvrtc.h"
#include "tests/jit/compile/cuda/device.h"

namespace kiln::jit {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<Diagnostic> DiagnosticsOf(const std::string& text,
                                      const DeviceOptions& options = For({"sm_90"})) {
  const Thrown error = ErrorOf(text, options);
  EXPECT_EQ(error.kind, "CompileError") << error.message;
  return error.context.empty() ? std::vector<Diagnostic>() : DiagnosticsFromJson(error.context);
}

TEST(DeviceErrors, HaveLineColumnAndSource) {
  const Thrown error = ErrorOf("__global__ void k(float* x) {\n  x[0] = y;\n\tint z = 3 +;\n}\n");
  EXPECT_EQ(error.kind, "CompileError");
  EXPECT_EQ(error.message,
            "k.cu: 2 errors\n"
            "k.cu:2:10: error: identifier \"y\" is undefined\n"
            "    x[0] = y;\n"
            "           ^\n"
            "k.cu:3:13: error: expected an expression\n"
            "  \tint z = 3 +;\n"
            "  \t           ^");
}

TEST(DeviceErrors, AreToldOnceForAllArchitectures) {
  EXPECT_EQ(DiagnosticsOf("__global__ void k() { y; }", For({"sm_80", "sm_90", "lto_90"})).size(),
            1U);
}

TEST(DeviceErrors, FollowLineDirectives) {
  const auto diagnostics =
      DiagnosticsOf("#line 17 \"user.cu\"\n\n__global__ void k() {\n  int a = b;\n}\n");
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].file, "user.cu");
  EXPECT_EQ(diagnostics[0].line, 19U);
  EXPECT_EQ(diagnostics[0].column, 11U);
}

TEST(DeviceErrors, NameTheHeaderThatTheyAreIn) {
  DeviceSource source = Source("#include \"f.h\"\n__global__ void k(int* x) { f(x); }\n");
  source.headers["f.h"] = "__device__ void f(int* p) {\n  *p = \"text\";\n}\n";
  const Thrown error = ThrownBy([&] { CompileDevice(source, For({"sm_90"})); });
  EXPECT_THAT(error.message, HasSubstr("f.h:2:6: error: a value of type \"const char *\""));
}

TEST(DeviceErrors, TellWhatLedToATemplate) {
  const auto diagnostics = DiagnosticsOf(
      "template <class T> struct Very {\n"
      "  typename T::type x;\n"
      "};\n"
      "template <class T> __device__ void g() { Very<T> v; }\n"
      "__global__ void k() { g<int>(); }\n");
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].line, 2U);
  ASSERT_EQ(diagnostics[0].notes.size(), 2U);
  EXPECT_EQ(diagnostics[0].notes[0].message,
            "in instantiation of class \"Very<T> [with T=int]\", asked for here");
  EXPECT_EQ(diagnostics[0].notes[0].line, 4U);
  EXPECT_EQ(diagnostics[0].notes[1].file, "k.cu");
  EXPECT_EQ(diagnostics[0].notes[1].line, 5U);
}

TEST(DeviceErrors, ListTheCandidatesOfACall) {
  const auto diagnostics = DiagnosticsOf(
      "__device__ void f(int*);\n"
      "__device__ void f(char*);\n"
      "__global__ void k(float* x) {\n"
      "  f(x);\n"
      "}\n");
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].message,
            "no instance of overloaded function \"f\" matches the argument list\n"
            "  argument types are: (float *)");
  EXPECT_EQ(diagnostics[0].line, 4U);
  EXPECT_EQ(diagnostics[0].column, 3U);
  ASSERT_EQ(diagnostics[0].notes.size(), 2U);
  EXPECT_EQ(diagnostics[0].notes[1].line, 1U);
  EXPECT_EQ(diagnostics[0].notes[1].column, 17U);
}

TEST(DeviceErrors, SayThatTheyAreNotAll) {
  std::string text;
  for (int i = 0; i < 150; ++i) {
    text += "__device__ int f" + std::to_string(i) + " = x" + std::to_string(i) + ";\n";
  }
  const auto diagnostics = DiagnosticsOf(text);
  ASSERT_EQ(diagnostics.size(), 101U);
  EXPECT_EQ(diagnostics[99].line, 100U);
  EXPECT_EQ(diagnostics[100].severity, Severity::kRemark);
  EXPECT_EQ(diagnostics[100].message, "Error limit reached.");
}

TEST(DeviceErrors, QuoteANameExpressionThatIsWrong) {
  const Thrown error =
      ThrownBy([] { Compile("__global__ void k(int*) {}\n", {"k", "nope", "k<int>"}); });
  EXPECT_EQ(error.kind, "CompileError");
  EXPECT_THAT(error.message, HasSubstr("k.cu: error: name expression 'nope': identifier \"nope\""));
  EXPECT_THAT(error.message, HasSubstr("name expression 'k<int>': "));
  EXPECT_THAT(error.message, Not(HasSubstr("__nv_name_map")));
}

TEST(DeviceErrors, FindTheLineOfAWrongInstruction) {
  const auto diagnostics = DiagnosticsOf(
      "__device__ void f(int* x) {\n"
      "  asm(\"bogus.u32 %0, 3;\" : \"=r\"(x[0]));\n"
      "}\n"
      "\n"
      "__global__ void k(int* x) {\n"
      "  f(x);\n"
      "  asm volatile(\"mov.u32 %0, nothing;\" : \"=r\"(x[1]));\n"
      "}\n");
  ASSERT_GE(diagnostics.size(), 2U);
  EXPECT_EQ(diagnostics[0].file, "k.cu");
  EXPECT_EQ(diagnostics[0].line, 2U);
  EXPECT_EQ(diagnostics[0].message, "Not a name of any known instruction: 'bogus'");
  EXPECT_EQ(diagnostics[0].option, "ptxas");
  EXPECT_EQ(diagnostics[0].source_line, "  asm(\"bogus.u32 %0, 3;\" : \"=r\"(x[0]));");
  EXPECT_THAT(diagnostics[0].notes.at(0).message, StartsWith("the instruction is 'bogus.u32 %r"));
  for (size_t i = 1; i < diagnostics.size(); ++i) EXPECT_EQ(diagnostics[i].line, 7U);
}

TEST(DeviceErrors, NameTheKernelThatUsesTooMuchSharedMemory) {
  const auto diagnostics = DiagnosticsOf(
      "\n"
      "__global__ void k(int* x) {\n"
      "  __shared__ int a[100000];\n"
      "  a[threadIdx.x] = x[0];\n"
      "  __syncthreads();\n"
      "  x[1] = a[threadIdx.x + 1];\n"
      "}\n",
      For({"sm_80", "sm_90"}));
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].message,
            "Entry function 'k(int*)' uses too much shared data (400000 bytes, 49152 max)");
  EXPECT_EQ(diagnostics[0].line, 2U);
}

TEST(DeviceErrors, NameAFunctionThatIsNotDefined) {
  const auto diagnostics =
      DiagnosticsOf("extern __device__ int h(int);\n__global__ void k(int* x) { x[0] = h(1); }\n");
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_THAT(diagnostics[0].message, HasSubstr("h(int)"));
}

TEST(DeviceErrors, SayWhichWheelHasAHeaderThatIsMissing) {
  const auto diagnostics =
      DiagnosticsOf("\n#include <curand_kernel.h>\n__global__ void k(int* x) { x[0] = 1; }\n");
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].severity, Severity::kFatal);
  EXPECT_EQ(diagnostics[0].line, 2U);
  ASSERT_EQ(diagnostics[0].notes.size(), 1U);
  EXPECT_THAT(diagnostics[0].notes[0].message, HasSubstr("the wheel nvidia-curand"));
  EXPECT_THAT(diagnostics[0].notes[0].message, HasSubstr("looked in\n"));
}

TEST(DeviceErrors, SayOfAForeignHeaderOnlyThatItIsMissing) {
  const auto diagnostics = DiagnosticsOf("#include \"mine.h\"\n");
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_THAT(diagnostics[0].message, HasSubstr("\"mine.h\""));
  EXPECT_TRUE(diagnostics[0].notes.empty());
}

TEST(DeviceErrors, ListTheArchitecturesThatThereAre) {
  for (const char* name :
       {"sm_9", "sm_91", "sm_90b", "sm_80a", "compute_90f", "gfx90a", "sm_", ""}) {
    const Thrown error = ErrorOf("__global__ void k() {}", For({"sm_90", name}));
    EXPECT_EQ(error.kind, "ValueError") << name;
    EXPECT_THAT(error.message, HasSubstr("does not compile for '" + std::string(name) + "'"));
    EXPECT_THAT(error.message, HasSubstr("sm_80, "));
    EXPECT_THAT(error.message, HasSubstr("NVRTC " + OpenNvrtc().Version()));
  }
}

TEST(DeviceErrors, AskForAnArchitecture) {
  EXPECT_THAT(ErrorOf("__global__ void k() {}", For({})).message,
              HasSubstr("cuda_archs must name at least one"));
}

TEST(DeviceErrors, RefuseFlagsThatAnotherOptionSays) {
  for (const auto& [flag, why] : std::vector<std::pair<std::string, std::string>>{
           {"-arch=sm_80", "cuda_archs"},
           {"--gpu-architecture=sm_80", "cuda_archs"},
           {"-std=c++20", "std"},
           {"-Ifolder", "include_dirs"},
           {"--include-path=x", "include_dirs"},
           {"-DX", "defines"},
           {"-G", "device_debug"},
           {"-lineinfo", "lineinfo"},
           {"--use_fast_math", "fast_math"},
           {"-maxrregcount=32", "max_registers"},
           {"-dlto", "lto_90"},
           {"-rdc=true", "must be linked"},
           {"-dc", "must be linked"},
           {"-ofile", "unrecognized option"},
           {"-o", "names a file"},
           {"--time=x.csv", "write a file"},
           {"--pch", "precompiled"},
           {"--create-pch=x", "precompiled"},
           {"x.cu", "begins with '-'"},
           {"--no-such-option", "unrecognized option --no-such-option"}}) {
    DeviceOptions options = For({"sm_90"});
    options.flags = {flag};
    const Thrown error = ErrorOf("__global__ void k() {}", options);
    EXPECT_EQ(error.kind, "ValueError") << flag;
    EXPECT_THAT(error.message, HasSubstr(why)) << flag;
  }
}

TEST(DeviceErrors, TellTheRangeOfAnOption) {
  DeviceOptions options = For({"sm_90"});
  options.opt_level = 7;
  EXPECT_EQ(ErrorOf("", options).message, "opt_level must be 0..3, got 7");
  options.opt_level = 2;
  options.max_registers = 256;
  EXPECT_EQ(ErrorOf("", options).message, "max_registers must be 0..255, got 256");
  DeviceSource source = Source("");
  source.standard = "c++11";
  const Thrown error = ThrownBy([&] { CompileDevice(source, For({"sm_90"})); });
  EXPECT_THAT(error.message, StartsWith("std must be one of 'c++17', 'c++20'"));
  source.standard = "";
  source.include_dirs = {"/no/such/folder"};
  EXPECT_EQ(ThrownBy([&] { CompileDevice(source, For({"sm_90"})); }).message,
            "include_dirs: '/no/such/folder' is not a directory");
}

}  // namespace
}  // namespace kiln::jit
