// CUDA, compiled in a worker with the NVRTC that this process would use.
#include <string>

#include <gtest/gtest.h>

#include "kiln/kiln.h"
#include "tests/jit/worker/isolated.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

TEST(CompileInWorker, CudaGivesTheSameArtifact) {
  const std::string source = ReadFile(KILN_KERNEL_SOURCE_DIR "/cuda/vector_add.cu");
  jit::CompileOptions options{.name = "vector_add.cu"};
  options.more.emplace_back("cuda_archs", Array<String>{"sm_90", "compute_80"});
  const Module here = jit::Compile(source, options);
  const Module there = jit::Compile(source, Isolated(options));
  EXPECT_TRUE(here->SaveToBytes() == there->SaveToBytes());
}

TEST(CompileInWorker, AnErrorInDeviceCodeIsTheSame) {
  const jit::CompileOptions options{.name = "k.cu"};
  const char* const source = "__global__ void f(int* x) { x[0] = undeclared; }";
  EXPECT_EQ(ErrorOf([&] { jit::Compile(source, options); }),
            ErrorOf([&] { jit::Compile(source, Isolated(options)); }));
}

}  // namespace
}  // namespace kiln::testing
