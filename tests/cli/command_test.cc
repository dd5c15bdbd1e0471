// `kiln` where it does what it is asked.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command_line.h"

namespace kiln::testing {
namespace {

using KilnRun = CommandTest;
using KilnCompile = CommandTest;
using KilnDoctor = CommandTest;
using KilnHelp = CommandTest;

constexpr std::string_view kAddOneOf8 =
    "arg 0: float32[8]\n[0, 1, 2, 3, 4, 5, 6, 7]\n"
    "arg 1: float32[8]\n[1, 2, 3, 4, 5, 6, 7, 8]\n";

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(KilnRun, CompilesCallsAndPrintsEveryTensor) {
  Write("k.c", kKernels);
  const Ended ended = Kiln({"run", "k.c", "--fn", "add_one", "f32[8]=arange", "f32[8]=zeros"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, kAddOneOf8);
  EXPECT_EQ(ended.err, "");
}

TEST_F(KilnRun, PrintsTheResultUnlessItIsNone) {
  Write("k.c", kKernels);
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "str:hi"}).out, "result: \"hi\"\n");
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "none"}).out, "");
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "2.0"}).out, "result: 2.0\n");
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "i8[2]=1,2"}).out,
            "result: int8[2]\n[1, 2]\narg 0: int8[2]\n[1, 2]\n");
}

TEST_F(KilnRun, NegativeNumbersAreArguments) {
  Write("k.c", kKernels);
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "-3"}).out, "result: -3\n");
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "-.5"}).out, "result: -0.5\n");
  EXPECT_EQ(Kiln({"run", "k.c", "-inf", "--fn", "echo"}).out, "result: -inf\n");
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "--", "-3"}).out, "result: -3\n");
}

TEST_F(KilnRun, RepeatsAndTimes) {
  Write("k.c", kKernels);
  const Ended ended = Kiln({"run", "k.c", "--fn", "add_one", "f32[8]=arange", "f32[8]=zeros",
                            "--repeat", "100", "--time"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(ended.out.starts_with(kAddOneOf8)) << ended.out;
  EXPECT_TRUE(Has(ended.out, " from source to callable, after ")) << ended.out;
  EXPECT_TRUE(Has(ended.out, "median ") && Has(ended.out, " per call (100 calls)\n")) << ended.out;
}

TEST_F(KilnRun, FindsHeadersBesideTheSource) {
  Write("value.h", "#define VALUE 7\n");
  Write("k.c", R"(#include "value.h"
#include <tvm/ffi/c_api.h>
int __tvm_ffi_n(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = VALUE;
  return 0;
})");
  const Ended ended = Kiln({"run", "k.c", "--fn", "n"});
  EXPECT_EQ(ended.out, "result: 7\n") << ended.err;
}

TEST_F(KilnRun, TakesCompileOptions) {
  Write("k.c", std::string(kKernels) + R"(
TVM_FFI_DLL_EXPORT int __tvm_ffi_n(void* self, const TVMFFIAny* args, int32_t num_args,
                                   TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = N;
  return 0;
})");
  const Ended ended = Kiln({"run", "k.c", "--fn", "n", "-O3", "--cpu", "x86-64", "--option",
                            "defines=N=42", "--option", "debug_info=true"});
  EXPECT_EQ(ended.out, "result: 42\n") << ended.err;
}

TEST_F(KilnRun, LoadsAModuleThatTheSystemCompilerMade) {
  Write("k.c", kKernels);
  const Ended built =
      Shell(KILN_C_COMPILER " -shared -fPIC -w -I " KILN_C_INCLUDE_DIR " k.c -o k.so");
  ASSERT_EQ(built.status, 0) << built.err;
  const Ended ended = Kiln({"run", "k.so", "--fn", "add_one", "f32[8]=arange", "f32[8]=zeros"},
                           "KILN_JIT_LIBRARY=/nowhere");
  EXPECT_EQ(ended.out, kAddOneOf8) << ended.err;
}

TEST_F(KilnRun, PrintsWarningsToStandardError) {
  Write("k.c", std::string(kKernels) + "\n#warning told to warn\n");
  const Ended ended = Kiln({"run", "k.c", "--fn", "echo", "3"});
  EXPECT_EQ(ended.out, "result: 3\n");
  EXPECT_TRUE(Has(ended.err, "told to warn")) << ended.err;
}

TEST_F(KilnCompile, TakesTheTieringOption) {
  Write("k.c", kKernels);
  const Ended ended = Kiln({"compile", "k.c", "-o", "k.kiln", "--option", "opt=auto"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(Has(Kiln({"compile", "--help"}).out, "'auto' compiles quickly"));
}

TEST_F(KilnCompile, WritesAModuleThatRunsAgain) {
  Write("k.c", kKernels);
  const Ended compiled = Kiln({"compile", "k.c", "-o", "k.kiln"});
  EXPECT_EQ(compiled.status, 0) << compiled.err;
  const auto size = std::filesystem::file_size(PathOf("k.kiln"));
  EXPECT_EQ(compiled.out, "wrote    k.kiln, " + std::to_string(size) +
                              " bytes\nsource   k.c\nexports  add_one, echo, fail\n");
  const Ended ended = Kiln({"run", "k.kiln", "--fn", "add_one", "f32[8]=arange", "f32[8]=zeros"});
  EXPECT_EQ(ended.out, kAddOneOf8) << ended.err;
}

TEST_F(KilnCompile, WritesAnObjectThatLinksAheadOfTime) {
  Write("k.c", kKernels);
  ASSERT_EQ(Kiln({"compile", "k.c", "-o", "k.o"}).status, 0);
  const Ended linked = Shell(KILN_C_COMPILER " -shared k.o -o k.so");
  ASSERT_EQ(linked.status, 0) << linked.err;
  EXPECT_EQ(Kiln({"run", "k.so", "--fn", "add_one", "f32[8]=arange", "f32[8]=zeros"}).out,
            kAddOneOf8);
}

TEST_F(KilnDoctor, ReportsAndNeedsNoGpu) {
  const Ended ended = Kiln({"doctor"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  for (const char* line : {"kiln      ", "\nllvm      ", "\nruntime   /", "\nengine    /",
                           "\nnvrtc     ", "\ndriver    ", "\ngpus      ", "\ncache     "}) {
    EXPECT_TRUE(Has(ended.out, line)) << line << ended.out;
  }
}

TEST_F(KilnDoctor, PrintsJsonWhenAsked) {
  const Ended ended = Kiln({"doctor", "--json"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  const nlohmann::json report = nlohmann::json::parse(ended.out);
  EXPECT_TRUE(report.contains("llvm") && report.contains("nvrtc") && report.contains("cache"));
}

TEST_F(KilnHelp, ShowsExamplesArgumentsAndOptions) {
  const Ended main = Kiln({"--help"});
  EXPECT_EQ(main.status, 0);
  EXPECT_TRUE(Has(main.out, "kiln run add_one.c --fn add_one f32[8]=arange")) << main.out;
  EXPECT_TRUE(Has(Kiln({"run", "--help"}).out, "DTYPE[SHAPE]=VALUES"));
  EXPECT_TRUE(Has(Kiln({"compile", "--help"}).out, "an integer 0..3; default 2"));
  EXPECT_TRUE(Kiln({"--version"}).out.starts_with("kiln "));
}

TEST_F(KilnHelp, WorksWithoutTheEngine) {
  const Ended ended = Kiln({"compile", "--help"}, "KILN_JIT_LIBRARY=/nowhere");
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(Has(ended.out, "Usage: kiln compile FILE... -o OUT")) << ended.out;
  EXPECT_TRUE(Has(ended.out, "the list comes from the engine, which is missing")) << ended.out;
}

}  // namespace
}  // namespace kiln::testing
