#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "jit/compile/cuda/nvrtc.h"
#include "tests/jit/compile/cuda/device.h"

namespace kiln::jit {
namespace {

TEST(DeviceCompilerConcurrent, ManyThreadsCompileAtOnce) {
  constexpr int kThreads = 4;
  std::vector<std::string> ptx(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&ptx, i] {
      const std::string value = std::to_string(4711 + i);
      for (int round = 0; round < 3; ++round) {
        ptx[static_cast<size_t>(i)] =
            Compile("#include <cstdint>\n__global__ void k(int32_t* x) { x[0] = " + value + "; }",
                    {"k"}, For({"compute_90", "sm_90"}))
                .images[0]
                .code;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kThreads; ++i) {
    EXPECT_TRUE(Contains(ptx[static_cast<size_t>(i)], std::to_string(4711 + i))) << i;
  }
}

TEST(DeviceCompilerConcurrent, ManyThreadsFindOneNvrtc) {
  std::vector<const Nvrtc*> found(8);
  std::vector<std::thread> threads;
  for (const Nvrtc*& nvrtc : found) threads.emplace_back([&nvrtc] { nvrtc = &OpenNvrtc(); });
  for (std::thread& thread : threads) thread.join();
  for (const Nvrtc* nvrtc : found) EXPECT_EQ(nvrtc, found[0]);
}

}  // namespace
}  // namespace kiln::jit
