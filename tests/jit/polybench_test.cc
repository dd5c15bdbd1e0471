// Real loop nests by every way through the engine: as C, as C++ and as LLVM IR, at each level, they
// give the bits that the machine's compilers give.
//
// Bits can be demanded because nothing here may round otherwise: no compiler reorders floating
// point unasked, division and square root are exact to the last bit, and a*b+c is two steps
// (-ffp-contract=off) but where the test says that Clang may make it one.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/polybench/problem_options.h"
#include "tests/kernels/polybench/problems.h"

namespace kiln::testing {
namespace {

constexpr int kLevels[] = {0, 2, 3};

class Polybench : public ::testing::TestWithParam<Problem> {
 protected:
  const Problem& problem() const { return GetParam(); }

  std::string BytesAheadOfTime(const std::string& build) const {
    const AotKernels kernels(build);
    const Arguments arguments = problem().make(problem().small);
    problem().call(kernels.Find(problem().name), arguments);
    return BytesOf(arguments);
  }

  std::string BytesOfJit(const std::string& source, const jit::CompileOptions& options) const {
    const Module module = jit::Compile(source, options);
    const Arguments arguments = problem().make(problem().small);
    Call(module.GetFunction(problem().name), arguments);
    return BytesOf(arguments);
  }

  void ExpectSystemCompilersBits(const std::string& source, jit::CompileOptions options) const {
    const std::string gcc = BytesAheadOfTime("gcc.O2");
    const std::string clang = BytesAheadOfTime("clang.O2");
    for (const int level : kLevels) {
      options.opt_level = level;
      const std::string bytes = BytesOfJit(source, options);
      EXPECT_TRUE(bytes == gcc) << "not GCC's result at opt_level " << level;
      EXPECT_TRUE(bytes == clang) << "not Clang's result at opt_level " << level;
    }
  }
};

TEST_P(Polybench, AsCGivesTheBitsOfTheSystemCompilers) {
  jit::CompileOptions options = OptionsOf(problem(), 0);
  options.more.insert(options.more.end(), {{"std", "c17"}, {"fp_contract", "off"}});
  ExpectSystemCompilersBits(SourceOf(problem()), options);
}

TEST_P(Polybench, AsCxxGivesTheBitsOfTheSystemCompilers) {
  jit::CompileOptions options = OptionsOf(problem(), 0);
  options.language = "c++";
  options.more.insert(options.more.end(), {{"std", "c++20"}, {"fp_contract", "off"}});
  ExpectSystemCompilersBits(SourceOf(problem()), options);
}

TEST_P(Polybench, AsLlvmIrGivesTheBitsOfTheSystemCompilers) {
  for (const int clang_level : {1, 2}) {
    SCOPED_TRACE("IR of clang -O" + std::to_string(clang_level));
    ExpectSystemCompilersBits(IrOf(problem(), clang_level),
                              {.name = problem().name + ".ll", .exports = {problem().name}});
  }
}

TEST_P(Polybench, ContractsWhereClangDoes) {
  const std::string clang = BytesAheadOfTime("clang.contract.O2");
  for (const int level : kLevels) {
    EXPECT_TRUE(BytesOfJit(SourceOf(problem()), OptionsOf(problem(), level)) == clang)
        << "opt_level " << level;
  }
}

// Else the comparisons above would compare nothing.
TEST_P(Polybench, ComputesFiniteNumbersOutOfItsInput) {
  const Arguments arguments = problem().make(problem().small);
  const std::string before = BytesOf(arguments);
  Call(jit::Compile(SourceOf(problem()), OptionsOf(problem(), 2)).GetFunction(problem().name),
       arguments);
  EXPECT_FALSE(BytesOf(arguments) == before);
  for (const Any& argument : arguments) {
    const auto tensor = argument.try_cast<Tensor>();
    if (!tensor || tensor->dtype().code != kDLFloat) continue;
    for (const double element : tensor->elements<double>()) ASSERT_TRUE(std::isfinite(element));
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Polybench, ::testing::ValuesIn(Problems()),
                         [](const auto& info) { return info.param.name; });

// What the kernels compute is what they are named for: the factors of a matrix give it back.
TEST(PolybenchKernels, TheFactorsMultiplyToTheMatrix) {
  for (const Problem& problem : Problems()) {
    if (problem.name != "cholesky" && problem.name != "lu") continue;
    const Arguments arguments = problem.make(problem.small);
    const Arguments factors = problem.make(problem.small);
    Call(jit::Compile(SourceOf(problem), OptionsOf(problem, 3)).GetFunction(problem.name), factors);
    const int64_t n = problem.small;
    const Tensor matrix = arguments[1].cast<Tensor>();
    const Tensor factored = factors[1].cast<Tensor>();
    const auto a = matrix.elements<double>();
    const auto f = factored.elements<double>();
    const bool is_lu = problem.name == "lu";
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (int64_t k = 0; k <= j; ++k) {
          const double left = is_lu && k == i ? 1.0 : f[i * n + k];
          sum += left * (is_lu ? f[k * n + j] : f[j * n + k]);
        }
        ASSERT_NEAR(sum, a[i * n + j], 1e-12 * static_cast<double>(n)) << problem.name;
      }
    }
  }
}

}  // namespace
}  // namespace kiln::testing
