// Sources that bring a compiler down: each is an error, and the next compile works.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/error_of.h"

namespace kiln::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Repeated(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

struct Input {
  const char* name;  // of the file; a suffix tells the language
  const char* what;
  std::string text;
  int opt_level = 2;
};

std::string CompileErrorFor(const Input& input) {
  return ErrorOf(
      [&] { jit::Compile(input.text, {.name = input.name, .opt_level = input.opt_level}); });
}

// Whether the engine still compiles, and what it makes still runs.
bool StillCompiles() {
  const Module module =
      jit::Compile("int f(int x) { return x + 1; }", {.name = "good.c", .exports = {"f"}});
  return module.GetFunction("f")(41).cast<int>() == 42;
}

// A source that nests too deeply.
const std::string kTooDeep = "int f(int x) { return " + Repeated(400000, "!") + "x; }";

// Inputs that LLVM or Clang can't go on with.
const Input kFatal[] = {
    {"a.ll", "an instruction that x86 has not",
     "declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n"
     "define i32 @f() { %a = call i32 @llvm.nvvm.read.ptx.sreg.tid.x() ret i32 %a }"},
    {"a.ll", "an unknown collector", "define void @f() gc \"nosuchgc\" { ret void }"},
    {"a.ll", "a scalable vector",
     "define <vscale x 4 x i32> @f(<vscale x 4 x i32> %a) {\n"
     "%b = add <vscale x 4 x i32> %a, %a ret <vscale x 4 x i32> %b }"},
    {"a.c", "a deep expression", kTooDeep, 0},
    {"a.c", "a long sum", "int f(int x) { return x" + Repeated(400000, "+x") + "; }", 0},
};

class FatalInput : public ::testing::TestWithParam<Input> {};

TEST_P(FatalInput, IsACompileErrorAndTheSessionGoesOn) {
  EXPECT_THAT(CompileErrorFor(GetParam()),
              AllOf(StartsWith("CompileError"), HasSubstr(GetParam().name),
                    HasSubstr("fatal error: LLVM "), HasSubstr("could not go on: ")));
  EXPECT_TRUE(StillCompiles());
}

INSTANTIATE_TEST_SUITE_P(Table, FatalInput, ::testing::ValuesIn(kFatal),
                         [](const auto& info) { return "Row" + std::to_string(info.index); });

// Inputs that get a message of their own.
const Input kBad[] = {
    {"a.ll", "an unknown register",
     "define void @f() { call void asm sideeffect \"nop\", \"{nosuchreg}\"(i32 1) ret void }"},
    {"a.ll", "an unknown instruction",
     "define void @f() { call void asm sideeffect \"bogus_instr %rax\", \"\"() ret void }"},
    {"a.ll", "module assembly", "module asm \"bogus foo\"\ndefine void @f() { ret void }"},
    {"a.c", "assembly", "void f(void) { __asm__ volatile(\"bogus_instr\"); }"},
    {"a.c", "more registers than there are",
     "int f(int a, int b, int c, int d, int e, int g, int h, int i, int j, int k, int l, int m,\n"
     "      int n, int o, int p, int q, int r) {\n"
     "  __asm__ volatile(\"nop\" :: \"r\"(a), \"r\"(b), \"r\"(c), \"r\"(d), \"r\"(e), \"r\"(g),\n"
     "    \"r\"(h), \"r\"(i), \"r\"(j), \"r\"(k), \"r\"(l), \"r\"(m), \"r\"(n), \"r\"(o), "
     "\"r\"(p),\n"
     "    \"r\"(q), \"r\"(r)); return a; }\n"},
    {"a.c", "deep parentheses",
     "int f(int x) { return " + Repeated(100000, "(") + "x" + Repeated(100000, ")") + "; }"},
    {"a.cc", "endless templates",
     "template<int N> struct S { static const int v = S<N+1>::v; }; int x = S<0>::v;"},
};

class BadInput : public ::testing::TestWithParam<Input> {};

TEST_P(BadInput, IsACompileErrorWithTheMessageOfTheCompiler) {
  EXPECT_THAT(CompileErrorFor(GetParam()), AllOf(StartsWith("CompileError"), HasSubstr("error: "),
                                                 ::testing::Not(HasSubstr("could not go on"))));
  EXPECT_TRUE(StillCompiles());
}

INSTANTIATE_TEST_SUITE_P(Table, BadInput, ::testing::ValuesIn(kBad),
                         [](const auto& info) { return "Row" + std::to_string(info.index); });

TEST(Crashes, DiagnosticsTellThemToo) {
  try {
    jit::Compile(kTooDeep, {.name = "bad.c"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(jit::DiagnosticsOf(error),
                AllOf(HasSubstr("\"fatal error\""), HasSubstr("could not go on")));
  }
}

TEST(Crashes, AHeaderThatCrashesTheCompilerDoesNotHoldOthersUp) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(ErrorOf([] {
                  jit::Compile("#include \"bad.h\"\nint f;",
                               {.name = "a.cc",
                                .more = {{"headers", Map<String, String>{{"bad.h", kTooDeep}}}}});
                }),
                HasSubstr("could not go on"));
  }
  EXPECT_TRUE(StillCompiles());
}

TEST(Crashes, PragmasThatCrashClangOnPurposeDoNothing) {
  for (const char* word :
       {"crash", "assert", "llvm_fatal_error", "llvm_unreachable", "overflow_stack"}) {
    EXPECT_EQ(ErrorOf([&] {
                jit::Compile(std::string("#pragma clang __debug ") + word + "\nint f;\n",
                             {.name = "a.c"});
              }),
              "no error")
        << word;
  }
}

TEST(Crashes, StatsCountThem) {
  jit::Stats();
  const auto count = [](const char* name) { return jit::Stats().at(name).cast<int64_t>(); };
  const int64_t crashes = count("crashes");
  const int64_t failures = count("failures");
  ErrorOf([] { jit::Compile(kTooDeep, {.name = "bad.c", .opt_level = 0}); });
  EXPECT_EQ(count("crashes") - crashes, 1);
  EXPECT_EQ(count("failures") - failures, 1);
}

TEST(Crashes, InspectingASourceIsGuardedToo) {
  const Module module = jit::Compile("int f(int x) { return x; }", {.name = "a.c"});
  EXPECT_THAT(module->InspectSource("ll"), HasSubstr("define"));
}

}  // namespace
}  // namespace kiln::testing
