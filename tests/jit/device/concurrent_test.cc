// Many threads at once. The stand-in records nothing here, so that its lock orders no launches.

#include <atomic>
#include <thread>

#include "jit/device/bare_launch.h"
#include "kiln/any.h"
#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

class ConcurrentLaunches : public StandIn {
 protected:
  static constexpr int kThreads = 8;

  ConcurrentLaunches() { kiln_standin_record(0); }

  template <typename Body>
  static void InThreads(Body body) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) threads.emplace_back(body, i);
    for (std::thread& thread : threads) thread.join();
  }
};

TEST_F(ConcurrentLaunches, FirstLaunchesOfAllThreadsLoadTheCodeOnceADevice) {
  TestModule module(Images(), Kernels());
  InThreads([&module](int i) {
    runtime::cudaSetDevice(i % 2);
    for (int launch = 0; launch < 200; ++launch) {
      EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, nullptr), kSuccess);
    }
  });
  EXPECT_EQ(kiln_standin_count("launches"), size_t{200 * kThreads});
  EXPECT_EQ(kiln_standin_count("libraries"), 2U);
}

TEST_F(ConcurrentLaunches, KernelsAreCalledAsFunctionsOnBothDevices) {
  TestModule module(Images(), Kernels());
  InThreads([&module](int i) {
    const TVMFFIAny none = AnyView().raw();
    for (int launch = 0; launch < 100; ++launch) {
      const std::string plan = "1d smem=" + std::to_string(50000 + 100 * i);
      ASSERT_EQ(BeginLaunch(module.slot(2), &none, plan.c_str(), 1000, launch % 2), 0);
      module.CallStub(2);
      EXPECT_EQ(EndLaunch(module.slot(2)), 0);
    }
  });
  EXPECT_EQ(kiln_standin_count("launches"), size_t{100 * kThreads});
}

TEST_F(ConcurrentLaunches, ModulesComeAndGoWhileOthersLaunch) {
  TestModule staying(Images(), Kernels());
  InThreads([&staying](int i) {
    for (int round = 0; round < 40; ++round) {
      void* arguments[] = {nullptr};
      if (i % 2 == 0) {
        TestModule passing(Images(), Kernels());
        EXPECT_EQ(passing.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, nullptr), kSuccess);
      }
      EXPECT_EQ(
          runtime::cudaLaunchKernel(staying.stub(2), {1, 1, 1}, {1, 1, 1}, arguments, 0, nullptr),
          kSuccess);
    }
  });
  EXPECT_EQ(kiln_standin_count("libraries"), 1U);
}

TEST_F(ConcurrentLaunches, LastErrorsOfThreadsDoNotMix) {
  TestModule module(Images(), Kernels());
  InThreads([&module](int i) {
    for (int launch = 0; launch < 100; ++launch) {
      const unsigned grid = i % 2 == 0 ? 0 : 1;
      module.Launch(2, {grid, 1, 1}, {1, 1, 1}, 0, nullptr);
      EXPECT_EQ(runtime::cudaGetLastError(), grid == 0 ? kInvalidConfiguration : kSuccess);
    }
  });
}

}  // namespace
}  // namespace kiln::jit
