// Options that change what code does when it runs: checks, threads, vector functions.
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/error_of.h"

namespace kiln::testing {
namespace {

TEST(Sanitize, UndefinedBehaviorBecomesAnError) {
  const jit::CompileOptions options{
      .name = "k.c", .exports = {"all"}, .more = {{"sanitize", Array<String>{"undefined"}}}};
  const char* const text = R"(
int add(int a, int b) { return a + b; }
int divide(int a, int b) { return a / b; }
int at(int i) { int values[4] = {1, 2, 3, 4}; return values[i]; }
int shift(int a, int by) { return a << by; }
int load(const int* p, int i) { return p[i]; }
int narrow(double x) { return (int)x; }
)";
  const Module module = jit::Compile(text, options);
  EXPECT_EQ(module.GetFunction("add")(40, 2).cast<int>(), 42);
  EXPECT_EQ(ErrorOf([&] { module.GetFunction("add")(INT32_MAX, 1); }),
            "RuntimeError: k.c:2:34: undefined behaviour: a sum overflows its type");
  const auto fault = [&](const char* name, auto... args) {
    const std::string error = ErrorOf([&] { module.GetFunction(name)(args...); });
    return error.substr(error.rfind(": ") + 2);
  };
  EXPECT_EQ(fault("divide", 1, 0), "a division by zero, or one that overflows its type");
  EXPECT_EQ(fault("divide", INT32_MIN, -1), "a division by zero, or one that overflows its type");
  EXPECT_EQ(fault("at", 4), "an index is out of the bounds of its array");
  EXPECT_EQ(fault("shift", 1, 77).substr(0, 26), "a shift by a negative or t");
  EXPECT_EQ(fault("narrow", 1e20), "a floating-point value does not fit the integer type");
  EXPECT_EQ(module.GetFunction("at")(3).cast<int>(), 4) << "the module goes on";
}

TEST(Sanitize, UndefinedBehaviorOfCxxBecomesAnError) {
  const Module module = jit::Compile(
      R"(
int sum(int n) {
  int total = 0;
  for (int i = 0; i < n; ++i) total += 2147483647;
  return total;
}
extern "C" int __tvm_ffi_packed(void*, const void*, int n, void*) { return n + 2147483647; }
)",
      {.name = "k.cc", .exports = {"sum"}, .more = {{"sanitize", Array<String>{"undefined"}}}});
  EXPECT_EQ(module.GetFunction("sum")(1).cast<int>(), INT32_MAX);
  EXPECT_NE(ErrorOf([&] { module.GetFunction("sum")(2); }).find("a sum overflows its type"),
            std::string::npos);
  EXPECT_NE(ErrorOf([&] { module.GetFunction("packed")(1); }).find("a sum overflows its type"),
            std::string::npos);
}

TEST(OpenMp, AParallelLoopUsesSeveralThreads) {
  const Module module = jit::Compile(
      R"(
#include <omp.h>
#include <stdint.h>
int threads(void) { return omp_get_max_threads(); }
int stop(void) { return omp_pause_resource_all(omp_pause_hard); }
void fill(int64_t* x, int64_t n) {
#pragma omp parallel for num_threads(2) schedule(static)
  for (int64_t i = 0; i < n; ++i) x[i] = omp_get_thread_num();
}
)",
      {.name = "k.c", .exports = {"threads", "fill", "stop"}, .more = {{"openmp", true}}});
  EXPECT_GE(module.GetFunction("threads")().cast<int>(), 1);
  const Tensor x = Tensor::Empty({1000}, DataTypeOf<int64_t>());
  module.GetFunction("fill")(x, 1000);
  EXPECT_EQ(x.elements<int64_t>()[0], 0);
  EXPECT_EQ(x.elements<int64_t>()[999], 1);
  EXPECT_EQ(module.GetFunction("stop")().cast<int>(), 0) << "its threads end";
}

TEST(VectorLibrary, LoopsCallVectorFunctions) {
  const Function sines =
      jit::Compile(
          "#include <math.h>\nvoid sines(double* x, long n) { for (long i = 0; i "
          "< n; ++i) x[i] = sin(x[i]); }",
          {.name = "k.c",
           .opt_level = 3,
           .exports = {"sines"},
           .more = {{"veclib", "libmvec"}, {"fast_math", true}}})
          .GetFunction("sines");
  const Tensor x = Tensor::Empty({64}, DataTypeOf<double>());
  for (double& element : x.elements<double>()) element = 0.5;
  sines(x, 64);
  for (const double element : x.elements<double>()) EXPECT_NEAR(element, 0.479425538604203, 1e-14);
}

}  // namespace
}  // namespace kiln::testing
