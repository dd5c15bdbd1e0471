// Code in a sandbox that behaves: results, outputs, errors.
#include <gtest/gtest.h>

#include "tests/jit/error_of.h"
#include "tests/jit/sandbox/try_c.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

TEST(TryRun, ASourceIsCompiledAndItsResultReturned) {
  const auto tried = TryC("int f(int x) { return x + 1; }", {41});
  EXPECT_EQ(tried.status, "ok") << MessageOf(tried);
  EXPECT_EQ(tried.phase, "call");
  EXPECT_EQ(tried.result.cast<int64_t>(), 42);
  EXPECT_FALSE(tried.error);
}

TEST(TryRun, AModuleOfThisProcessRunsThere) {
  const Module module = jit::Compile("static int calls; int f(void) { return ++calls; }",
                                     {.name = "k.c", .exports = {"f"}});
  EXPECT_EQ(module.GetFunction("f")().cast<int64_t>(), 1);
  EXPECT_EQ(jit::TryRun(module, "f").result.cast<int64_t>(), 1);
  EXPECT_EQ(jit::TryRun(module, "f").result.cast<int64_t>(), 1);
  EXPECT_EQ(module.GetFunction("f")().cast<int64_t>(), 2);
}

TEST(TryRun, OutputsInPlaceArriveAfterACallThatWentWell) {
  const Tensor x = SampleTensor({1000}, 1);
  const Tensor y = Tensor::Empty({1000}, DataTypeOf<float>());
  const auto tried = TryC(
      "void f(const float* x, float* y, long n) {"
      "  for (long i = 0; i < n; ++i) y[i] = 2 * x[i]; }",
      {x, y, 1000});
  ASSERT_EQ(tried.status, "ok") << MessageOf(tried);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(y.elements<float>()[i], 2 * x.elements<float>()[i]);
  }
}

TEST(TryRun, ACompileErrorHasItsDiagnostics) {
  const auto tried = TryC("int f(void) { return undeclared; }");
  EXPECT_EQ(tried.status, "error");
  EXPECT_EQ(tried.phase, "compile");
  EXPECT_EQ(tried.error->kind(), "CompileError");
  EXPECT_TRUE(Has(jit::DiagnosticsOf(*tried.error), "undeclared"));
}

TEST(TryRun, ALinkErrorNamesWhatIsMissing) {
  const auto tried = TryC("int nowhere(void); int f(void) { return nowhere(); }");
  EXPECT_EQ(tried.status, "error");
  EXPECT_EQ(tried.phase, "link");
  EXPECT_TRUE(Has(MessageOf(tried), "nowhere"));
}

TEST(TryRun, AFunctionThatIsNotThereIsAnError) {
  const auto tried =
      jit::TryRun("int g(void) { return 1; }", "f", {}, {.name = "k.c", .exports = {"g"}});
  EXPECT_EQ(tried.error->kind(), "AttributeError");
}

TEST(TryRun, WhatItPrintsIsKept) {
  const auto tried = TryC(
      "#include <stdio.h>\n"
      "void f(void) { printf(\"to %d\\n\", 1); fprintf(stderr, \"to two\"); }");
  EXPECT_EQ(tried.status, "ok") << MessageOf(tried);
  EXPECT_EQ(tried.standard_output, "to 1\n");
  EXPECT_EQ(tried.standard_error, "to two");
  EXPECT_TRUE(tried.output_complete);
}

TEST(TryRun, OutputIsBounded) {
  const auto tried = TryC(
      "#include <stdio.h>\n"
      "void f(void) { for (int i = 0; i < 200000; ++i) puts(\"0123456789\"); }");
  EXPECT_EQ(tried.status, "ok") << MessageOf(tried);
  EXPECT_EQ(tried.standard_output.size(), size_t{1} << 20);
  EXPECT_FALSE(tried.output_complete);
}

TEST(TryRun, CodeFindsTheModulesThatItIsToBeLinkedWith) {
  const Module base = jit::Compile("int seven(void) { return 7; }", {.name = "base.c"});
  const char* const source = "int seven(void); int f(void) { return seven() + 1; }";
  EXPECT_EQ(TryC(source, {}, {{"link", base}}).result.cast<int64_t>(), 8);
  const Module user =
      jit::Compile(source, {.name = "user.c", .exports = {"f"}, .more = {{"link", base}}});
  EXPECT_EQ(jit::TryRun(user, "f", {}, {{"link", base}}).result.cast<int64_t>(), 8);
}

TEST(TryRun, CxxWithExceptionsAndThreadsRuns) {
  const char* const source = R"(
#include <stdexcept>
#include <thread>
#include <vector>
long f(long n) {
  std::vector<long> parts(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back([&, t] { parts[t] = n * t; });
  for (auto& thread : threads) thread.join();
  try {
    throw std::runtime_error("caught");
  } catch (const std::exception&) {
    return parts[0] + parts[1] + parts[2] + parts[3];
  }
}
)";
  const auto tried = TryC(source, {10}, {{"language", "c++"}});
  EXPECT_EQ(tried.status, "ok") << MessageOf(tried);
  EXPECT_EQ(tried.result.cast<int64_t>(), 60);
}

TEST(TryRun, OpenMpAndTheClockRun) {
  const char* const source = R"(
#include <time.h>
int f(int n) {
  int sum = 0;
#pragma omp parallel for reduction(+ : sum) num_threads(3)
  for (int i = 0; i < n; ++i) sum += i;
  time_t now = time(0);
  return localtime(&now) != 0 ? sum : -1;
}
)";
  const auto tried = TryC(source, {10}, {{"openmp", true}});
  EXPECT_EQ(tried.status, "ok") << MessageOf(tried);
  EXPECT_EQ(tried.result.cast<int64_t>(), 45);
}

TEST(TryRun, CudaIsRefused) {
  const auto tried = jit::TryRun("void f(void) {}", "f", {}, {.name = "k.cu"});
  EXPECT_EQ(tried.status, "error");
  EXPECT_TRUE(MessageOf(tried).starts_with("'k.cu' is CUDA, and a process without rights"))
      << MessageOf(tried);
}

TEST(TryRun, WrongOptionsAreErrorsOfTheCaller) {
  const Module module =
      jit::Compile("int f(void) { return 1; }", {.name = "k.c", .exports = {"f"}});
  EXPECT_EQ(ErrorOf([&] { jit::TryRun(module, "f", {}, {{"opt_level", 3}}); }),
            "ValueError: option opt_level is for a source, and the module is compiled: give "
            "timeout_ms, max_memory_mb or link");
  EXPECT_EQ(ErrorOf([&] {
              TryC("int f(void) { return 1; }", {}, {{"symbols", Map<String, int64_t>{{"x", 8}}}});
            }),
            "ValueError: option symbols has addresses of this process, and the code runs in "
            "another");
}

}  // namespace
}  // namespace kiln::testing
