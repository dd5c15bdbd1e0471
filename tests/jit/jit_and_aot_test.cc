// One source, many ways: whatever compiles a kernel, its results are the same bits.
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

std::vector<float> RunAxpy(const Module& module) {
  const Tensor x = SampleTensor({1037}, 1);
  const Tensor y = SampleTensor({1037}, 2);
  module.GetFunction("axpy")(1.7, x, y);
  return {y.elements<float>().begin(), y.elements<float>().end()};
}

std::vector<float> RunSgemm(const Module& module) {
  const Tensor a = SampleTensor({67, 45}, 3);
  const Tensor b = SampleTensor({45, 83}, 4);
  const Tensor c = Tensor::Empty({67, 83}, DataTypeOf<float>());
  module.GetFunction("sgemm")(a, b, c);
  return {c.elements<float>().begin(), c.elements<float>().end()};
}

bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

class JitAndAot : public ::testing::TestWithParam<int> {
 protected:
  Module Jit(const std::string& kernel, const std::string& cpu) const {
    return jit::Compile(KernelSource(kernel),
                        {.name = kernel + ".c", .opt_level = GetParam(), .cpu = cpu});
  }
  Module Aot(const std::string& kernel, const std::string& compiler) const {
    return Module::LoadFromFile(
        KernelFile(kernel + "." + compiler + ".O" + std::to_string(GetParam()) + ".so"));
  }
};

TEST_P(JitAndAot, AgreeBitForBitOnThisCpu) {
  EXPECT_TRUE(SameBits(RunAxpy(Jit("axpy", "native")), RunAxpy(Aot("axpy", "clang"))));
  EXPECT_TRUE(SameBits(RunSgemm(Jit("sgemm", "native")), RunSgemm(Aot("sgemm", "clang"))));
}

TEST_P(JitAndAot, AgreeBitForBitWithTheSystemCompilerOnAnyCpu) {
  EXPECT_TRUE(SameBits(RunAxpy(Jit("axpy", "x86-64")), RunAxpy(Aot("axpy", "cc"))));
  EXPECT_TRUE(SameBits(RunSgemm(Jit("sgemm", "x86-64")), RunSgemm(Aot("sgemm", "cc"))));
}

INSTANTIATE_TEST_SUITE_P(OptLevels, JitAndAot, ::testing::Values(0, 2));

TEST(Jit, CompilesIrAsTextAndAsBitcode) {
  const std::vector<float> expected =
      RunAxpy(jit::Compile(KernelSource("axpy"), {.name = "axpy.c", .cpu = "x86-64"}));
  for (const char* file : {"axpy.ll", "axpy.bc"}) {
    const Module module = jit::Compile(ReadFile(KernelFile(file)), {.name = file, .cpu = "x86-64"});
    EXPECT_TRUE(SameBits(RunAxpy(module), expected)) << file;
  }
}

TEST(Jit, SgemmMultipliesMatrices) {
  const Tensor a = SampleTensor({5, 3}, 5);
  const Tensor b = SampleTensor({3, 4}, 6);
  const Tensor c = Tensor::Empty({5, 4}, DataTypeOf<float>());
  const Module module = jit::Compile(KernelSource("sgemm"), {.name = "sgemm.c"});
  module.GetFunction("sgemm")(a, b, c);
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 4; ++j) {
      double sum = 0;
      for (int k = 0; k < 3; ++k) {
        sum += double{a.elements<float>()[i * 3 + k]} * b.elements<float>()[k * 4 + j];
      }
      EXPECT_NEAR(c.elements<float>()[i * 4 + j], sum, 1e-6);
    }
  }
}

}  // namespace
}  // namespace kiln::testing
