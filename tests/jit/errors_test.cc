// Bad input: an error that says what is wrong, and an engine that goes on.
#include <cstring>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

// The error that compiling raises; fails the test if there is none.
Error CompileFailure(std::string_view source, const jit::CompileOptions& options) {
  try {
    jit::Compile(source, options);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << options.name << " compiled";
  return Error("none", "");
}

void ExpectMentions(const Error& error, std::string_view text) {
  EXPECT_NE(error.message().find(text), std::string_view::npos)
      << "looked for: " << text << "\nin: " << error.what();
}

// Every test ends with this: the process is alive and compiles the next kernel.
class JitErrors : public ::testing::Test {
 protected:
  void TearDown() override {
    const Tensor x = SampleTensor({4}, 1);
    const Tensor y = SampleTensor({4}, 2);
    jit::Compile(KernelSource("axpy"), {.name = "axpy.c", .opt_level = 0})
        .GetFunction("axpy")(1.0, x, y);
  }
};

TEST_F(JitErrors, KernelErrorArrivesWithKindAndMessage) {
  const Module module = jit::Compile(KernelSource("fail"), {.name = "fail.c"});
  try {
    module.GetFunction("fail")();
    FAIL() << "the kernel did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "ValueError");
    EXPECT_EQ(error.message(), "the kernel was told to fail");
  }
}

TEST_F(JitErrors, TheBacktraceNamesTheFunctionOfCompiledCodeThatRaised) {
  const Module module = jit::Compile(KernelSource("fail"), {.name = "fail.c"});
  try {
    module.GetFunction("fail")();
    FAIL() << "the kernel did not fail";
  } catch (const Error& error) {
    const std::string backtrace(error.backtrace());
    EXPECT_TRUE(backtrace.starts_with("  File \"fail.c\", line 0, in __tvm_ffi_fail\n"))
        << backtrace;
  }
}

TEST_F(JitErrors, AnAddressIsDescribedAsLongAsItsCodeLives) {
  jit::Version();  // loads the engine
  const Function describe = GlobalFunction::Get("kiln.jit.describe_address");
  EXPECT_FALSE(describe(reinterpret_cast<void*>(&strlen)).cast<Optional<String>>().has_value());
  EXPECT_FALSE(describe(nullptr).cast<Optional<String>>().has_value());
  Function where = jit::Compile(
                       "#include <tvm/ffi/c_api.h>\n"
                       "static int helper(void) { return 1; }\n"
                       "int __tvm_ffi_where(void* self, const TVMFFIAny* args, int32_t n,\n"
                       "                    TVMFFIAny* result) {\n"
                       "  result->type_index = kTVMFFIOpaquePtr;\n"
                       "  result->v_ptr = (char*)helper + 3;\n"
                       "  return 0;\n"
                       "}\n",
                       {.name = "where.c", .opt_level = 0})
                       .GetFunction("where");
  void* const address = where().cast<void*>();
  EXPECT_EQ(describe(address).cast<std::string>(), "helper+0x3 in where.c");
  where = Function();
  EXPECT_FALSE(describe(address).cast<Optional<String>>().has_value());
}

TEST_F(JitErrors, KernelThatFailsSilentlyIsReported) {
  const Module module = jit::Compile(KernelSource("fail"), {.name = "fail.c"});
  try {
    module.GetFunction("silent_fail")();
    FAIL() << "the kernel did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "InternalError");
    ExpectMentions(error, "without raising an error");
  }
}

TEST_F(JitErrors, EverySourceErrorIsShownWithLineColumnAndCaret) {
  const Error error = CompileFailure(
      "int f(void) {\n"
      "  return undeclared_one;\n"
      "}\n"
      "int g(void) {\n"
      "  return undeclared_two + 1;\n"
      "}\n",
      {.name = "bad.c"});
  EXPECT_EQ(error.kind(), "CompileError");
  ExpectMentions(error, "bad.c:2:10: error:");
  ExpectMentions(error, "    return undeclared_one;\n           ^");
  ExpectMentions(error, "bad.c:5:10: error:");
  ExpectMentions(error, "undeclared_two");
}

TEST_F(JitErrors, EveryMissingSymbolIsNamed) {
  const Error error = CompileFailure(
      "void missing_one(void); void missing_two(void);\n"
      "int __tvm_ffi_f(void* s, void* a, int n, void* r) { missing_one(); missing_two(); return 0; "
      "}",
      {.name = "links.c"});
  EXPECT_EQ(error.kind(), "LinkError");
  ExpectMentions(error, "missing_one");
  ExpectMentions(error, "missing_two");
}

TEST_F(JitErrors, UnknownOptionNamesTheNearest) {
  const Error error = CompileFailure("int x;", {.name = "x.c", .more = {{"fast_meth", Any(true)}}});
  EXPECT_EQ(error.kind(), "KeyError");
  ExpectMentions(error, "did you mean 'fast_math'");
}

TEST_F(JitErrors, OptionOutOfRangeSaysTheRange) {
  const Error error = CompileFailure("int x;", {.name = "x.c", .opt_level = 7});
  EXPECT_EQ(error.kind(), "ValueError");
  ExpectMentions(error, "opt_level must be an integer 0..3, got 7");
}

TEST_F(JitErrors, UnknownCpuIsRefused) {
  const Error error = CompileFailure("int x;", {.name = "x.c", .cpu = "skylark"});
  EXPECT_EQ(error.kind(), "ValueError");
  ExpectMentions(error, "skylark");
}

TEST_F(JitErrors, UnknownLanguageListsTheKnownOnes) {
  const Error error = CompileFailure("x = 1", {.language = "fortran", .name = "x.f90"});
  EXPECT_EQ(error.kind(), "ValueError");
  ExpectMentions(error, "'llvm-ir'");
}

TEST_F(JitErrors, IrThatDoesNotParseShowsTheLine) {
  const Error error =
      CompileFailure("define i32 @f() {\n  ret i23 nonsense\n}\n", {.name = "bad.ll"});
  EXPECT_EQ(error.kind(), "CompileError");
  ExpectMentions(error, "bad.ll:2:11: error:");
  ExpectMentions(error, "    ret i23 nonsense\n            ^");
}

TEST_F(JitErrors, IrThatTheVerifierRefusesIsACompileError) {
  const Error error = CompileFailure(
      "define i32 @f(i1 %c) {\n"
      "  br i1 %c, label %a, label %b\n"
      "a:\n  %x = add i32 1, 2\n  br label %b\n"
      "b:\n  ret i32 %x\n}\n",
      {.name = "dominance.ll"});
  EXPECT_EQ(error.kind(), "CompileError");
  ExpectMentions(error, "dominate");
}

TEST_F(JitErrors, IrForAnotherTargetNamesBothTargets) {
  const Error error = CompileFailure(
      "target triple = \"aarch64-unknown-linux-gnu\"\ndefine void @f() {\n  ret void\n}\n",
      {.name = "arm.ll"});
  EXPECT_EQ(error.kind(), "CompileError");
  ExpectMentions(error, "aarch64-unknown-linux-gnu");
  ExpectMentions(error, "x86_64");
}

TEST_F(JitErrors, IrWithAnotherDataLayoutIsRefused) {
  const Error error =
      CompileFailure("target datalayout = \"E-p:32:32\"\ndefine void @f() {\n  ret void\n}\n",
                     {.name = "layout.ll"});
  EXPECT_EQ(error.kind(), "CompileError");
  ExpectMentions(error, "E-p:32:32");
}

TEST_F(JitErrors, TruncatedBitcodeIsRefused) {
  const std::string bitcode = ReadFile(KernelFile("axpy.bc"));
  for (const size_t size : {size_t{4}, bitcode.size() / 2, bitcode.size() - 4}) {
    const Error error =
        CompileFailure(std::string_view(bitcode).substr(0, size), {.name = "cut.bc"});
    EXPECT_EQ(error.kind(), "CompileError") << size;
  }
}

TEST_F(JitErrors, EmptySourceIsRefused) {
  for (const char* name : {"empty.c", "empty.ll"}) {
    const Error error = CompileFailure("", {.name = name});
    EXPECT_EQ(error.kind(), "ValueError");
    ExpectMentions(error, "is empty");
  }
}

TEST_F(JitErrors, NulByteIsRefusedWithItsPlace) {
  const Error error = CompileFailure(std::string_view("int x;\nint \0y;\n", 15), {.name = "nul.c"});
  EXPECT_EQ(error.kind(), "CompileError");
  ExpectMentions(error, "nul.c:2:5");
}

TEST_F(JitErrors, TenMegabytesOfGarbageAreRefused) {
  std::string garbage(10 << 20, '\0');
  uint32_t state = 12345;
  for (char& c : garbage) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(' ' + (state >> 24) % 95);
    if (state % 61 == 0) c = '\n';
  }
  for (const char* name : {"garbage.c", "garbage.ll"}) {
    const Error error = CompileFailure(garbage, {.name = name});
    EXPECT_EQ(error.kind(), "CompileError") << name;
    EXPECT_LT(error.message().size(), size_t{1} << 20) << name;
  }
}

TEST_F(JitErrors, BadInlineAssemblyIsACompileError) {
  const Error error = CompileFailure(
      "int __tvm_ffi_f(void* s, void* a, int n, void* r) { __asm__(\"no_such_op\"); return 0; }",
      {.name = "asm.c"});
  EXPECT_EQ(error.kind(), "CompileError");
  ExpectMentions(error, "no_such_op");
}

TEST_F(JitErrors, DamagedArtifactFileIsRefused) {
  const Module module = jit::Compile(KernelSource("fail"), {.name = "fail.c"});
  std::string bytes(module->SaveToBytes().view());
  bytes[bytes.size() / 2] ^= 1;
  EXPECT_THROW(GlobalFunction::Get("ffi.Module.load_from_bytes.kiln_jit")(Bytes(bytes)), Error);
}

}  // namespace
}  // namespace kiln::testing
