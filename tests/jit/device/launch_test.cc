#include "jit/device/launch.h"

#include <cstdint>
#include <cstring>
#include <thread>

#include "jit/device/cuda/find_driver.h"
#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

using Launching = StandIn;

TEST_F(Launching, FirstLaunchLoadsTheCodeAndLaterOnesOnlyLaunch) {
  TestModule module(Images(), Kernels());
  EXPECT_STREQ(kiln_standin_log(), "");  // loading a module touches no driver
  EXPECT_EQ(module.Launch(2, {4, 1, 1}, {32, 1, 1}, 0, kDefaultStream), kSuccess);
  EXPECT_STREQ(kiln_standin_log(),
               "cuLibraryLoadData sm_80\n"
               "cuLibraryGetKernel bare\n"
               "cuKernelGetAttribute 0\n"
               "cuKernelGetAttribute 1\n"
               "cuLaunchKernelEx bare on 0 grid 4,1,1 block 32,1,1 smem 0\n");
  kiln_standin_reset();
  EXPECT_EQ(module.Launch(2, {5, 1, 1}, {32, 2, 1}, 64, kDefaultStream), kSuccess);
  EXPECT_STREQ(kiln_standin_log(), "cuLaunchKernelEx bare on 0 grid 5,1,1 block 32,2,1 smem 64\n");
}

TEST_F(Launching, ThreadWithoutContextGetsThePrimaryOneOfDeviceZero) {
  runtime::cudaSetDevice(1);
  kiln_standin_reset();
  TestModule module(Images(), Kernels());
  std::thread([&module] {
    EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, kDefaultStream), kSuccess);
  }).join();
  EXPECT_EQ(Calls("cuCtxSetCurrent"), std::vector<std::string>{"cuCtxSetCurrent 0"});
  EXPECT_EQ(Calls("cuLaunchKernelEx"),
            std::vector<std::string>{"cuLaunchKernelEx bare on 0 grid 1,1,1 block 1,1,1 smem 0"});
  EXPECT_LE(kiln_standin_count("retained contexts"), 2U);  // one a device, however many threads
}

TEST_F(Launching, ParametersArriveByteForByte) {
  TestModule module(Images(), Kernels());
  const float a = 2.5F;
  const auto* const x = reinterpret_cast<const float*>(0x1122334455667788);
  auto* const y = reinterpret_cast<float*>(0x99AABBCCDDEEFF00);
  const int64_t n = -7;
  ASSERT_EQ(module.Launch(0, {1, 1, 1}, {1, 1, 1}, 0, kDefaultStream, a, x, y, n), kSuccess);
  struct Expected {
    float a;
    uint32_t gap;
    const float* x;
    float* y;
    int64_t n;
  };
  const Expected expected = {a, 0, x, y, n};
  const void* bytes = nullptr;
  ASSERT_EQ(kiln_standin_parameters(&bytes), sizeof expected);
  EXPECT_EQ(std::memcmp(bytes, &expected, sizeof expected), 0);
}

TEST_F(Launching, EachDeviceGetsItsOwnCode) {
  TestModule module(Images(), Kernels());
  ASSERT_EQ(runtime::cudaSetDevice(1), kSuccess);
  EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, kDefaultStream), kSuccess);
  EXPECT_EQ(Calls("cuLibraryLoadData"), std::vector<std::string>{"cuLibraryLoadData sm_90"});
  ASSERT_EQ(runtime::cudaSetDevice(0), kSuccess);
  EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, kDefaultStream), kSuccess);
  EXPECT_EQ(Calls("cuLaunchKernelEx"),
            (std::vector<std::string>{"cuLaunchKernelEx bare on 1 grid 1,1,1 block 1,1,1 smem 0",
                                      "cuLaunchKernelEx bare on 0 grid 1,1,1 block 1,1,1 smem 0"}));
  EXPECT_EQ(kiln_standin_count("libraries"), 2U);
}

TEST_F(Launching, CodeIsUnloadedFromAllDevicesWhenTheModuleDies) {
  {
    TestModule module(Images(), Kernels());
    for (const int device : {0, 1}) {
      runtime::cudaSetDevice(device);
      ASSERT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, kDefaultStream), kSuccess);
    }
    EXPECT_EQ(kiln_standin_count("libraries"), 2U);
  }
  EXPECT_EQ(kiln_standin_count("libraries"), 0U);
  EXPECT_EQ(Calls("cuLibraryUnload").size(), 2U);
}

TEST_F(Launching, ModuleThatNeverLaunchedUnloadsNothing) {
  {
    const TestModule module(Images(), Kernels());
  }
  EXPECT_STREQ(kiln_standin_log(), "");
}

TEST_F(Launching, ContextOfAFrameworkIsRespected) {
  TestModule module(Images(), Kernels());
  // As a framework that works on device 1 leaves it.
  void* const context = kiln_standin_new_context(1);
  DriverLibrary driver = OpenDriver();
  cuda::DriverApi api;
  ASSERT_EQ(api.Bind(driver.handle), "");
  api.context_set_current(context);
  int device = -1;
  EXPECT_EQ(runtime::cudaGetDevice(&device), kSuccess);
  EXPECT_EQ(device, 1);
  EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, kDefaultStream), kSuccess);
  EXPECT_EQ(Calls("cuLaunchKernelEx"),
            std::vector<std::string>{"cuLaunchKernelEx bare on 1 grid 1,1,1 block 1,1,1 smem 0"});
  void* current = nullptr;
  api.context_get_current(&current);
  EXPECT_EQ(current, context);
}

TEST_F(Launching, StubLaunchesByItsAddressToo) {
  TestModule module(Images(), Kernels());
  void* arguments[] = {nullptr};
  EXPECT_EQ(runtime::cudaLaunchKernel(module.stub(2), {3, 1, 1}, {2, 1, 1}, arguments, 16,
                                      reinterpret_cast<void*>(1)),
            kSuccess);
  EXPECT_EQ(Calls("cuLaunchKernelEx"),
            std::vector<std::string>{
                "cuLaunchKernelEx bare on 0 grid 3,1,1 block 2,1,1 smem 16 stream 0x1"});
}

TEST_F(Launching, ClustersAndCooperativeLaunchesReachTheDriver) {
  TestModule module(Images(), Kernels());
  LaunchAttribute cluster;
  cluster.id = LaunchAttribute::kCluster;
  cluster.value.cluster = {2, 1, 1};
  RuntimeLaunchConfig config = {{4, 1, 1}, {8, 1, 1}, 0, nullptr, &cluster, 1};
  void* arguments[] = {nullptr};
  EXPECT_EQ(runtime::cudaLaunchKernelExC(&config, module.stub(2), arguments), kSuccess);
  EXPECT_EQ(runtime::cudaLaunchCooperativeKernel(module.stub(2), {4, 1, 1}, {8, 1, 1}, arguments, 0,
                                                 nullptr),
            kSuccess);
  EXPECT_EQ(Calls("cuLaunchKernelEx"),
            (std::vector<std::string>{
                "cuLaunchKernelEx bare on 0 grid 4,1,1 block 8,1,1 smem 0 cluster 2,1,1",
                "cuLaunchKernelEx bare on 0 grid 4,1,1 block 8,1,1 smem 0 cooperative"}));
  config.grid.x = 5;
  EXPECT_EQ(runtime::cudaLaunchKernelExC(&config, module.stub(2), arguments), Status(912));
  EXPECT_EQ(runtime::cudaLaunchCooperativeKernel(module.stub(2), {400, 1, 1}, {8, 1, 1}, arguments,
                                                 0, nullptr),
            Status(720));
}

TEST_F(Launching, ShapesThatCannotBeAreRefusedBeforeTheDriver) {
  TestModule module(Images(), Kernels());
  const auto launch = [&module](Dim3 grid, Dim3 block, size_t shared, size_t kernel = 2) {
    void* const pointer = nullptr;
    return module.Launch(kernel, grid, block, shared, kDefaultStream, pointer);
  };
  EXPECT_EQ(launch({0, 1, 1}, {1, 1, 1}, 0), kInvalidConfiguration);
  EXPECT_EQ(launch({1, 1, 1}, {1, 0, 1}, 0), kInvalidConfiguration);
  EXPECT_EQ(launch({1, 70000, 1}, {1, 1, 1}, 0), kInvalidConfiguration);
  EXPECT_EQ(launch({1, 1, 1}, {2048, 1, 1}, 0), kInvalidConfiguration);
  EXPECT_EQ(launch({1, 1, 1}, {1, 1, 128}, 0), kInvalidConfiguration);
  EXPECT_EQ(launch({1, 1, 1}, {64, 32, 1}, 0), kInvalidConfiguration);
  EXPECT_EQ(launch({1, 1, 1}, {129, 1, 1}, 0, 1), kInvalidValue);     // launch bounds
  EXPECT_EQ(launch({1, 1, 1}, {1, 1, 1}, 166913), kInvalidValue);     // of the device
  EXPECT_EQ(launch({1, 1, 1}, {1, 1, 1}, 166000, 1), kInvalidValue);  // with static memory
  EXPECT_EQ(launch({1, 1, 1}, {1, 1, 1}, SIZE_MAX), kInvalidValue);
  EXPECT_TRUE(Calls("cuLaunchKernelEx").empty());
}

TEST_F(Launching, LargeSharedMemoryIsAskedForAsInCuda) {
  TestModule module(Images(), Kernels());
  EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 100000, kDefaultStream), kInvalidValue);
  EXPECT_EQ(runtime::cudaFuncSetAttribute(module.stub(2), 8, 100000), kSuccess);
  EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 100000, kDefaultStream), kSuccess);
  EXPECT_EQ(Calls("cuKernelSetAttribute"),
            std::vector<std::string>{"cuKernelSetAttribute 8 100000 bare on 0"});
}

TEST_F(Launching, LastErrorStaysUntilItIsTaken) {
  TestModule module(Images(), Kernels());
  module.Launch(2, {0, 1, 1}, {1, 1, 1}, 0, kDefaultStream);
  EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, kDefaultStream), kSuccess);
  EXPECT_EQ(runtime::cudaPeekAtLastError(), kInvalidConfiguration);
  EXPECT_EQ(runtime::cudaGetLastError(), kInvalidConfiguration);
  EXPECT_EQ(runtime::cudaGetLastError(), kSuccess);
}

TEST_F(Launching, ErrorsOfTheDriverPassThrough) {
  TestModule module(Images(), Kernels());
  for (const int error : {700, 701, 719, 2}) {
    kiln_standin_fail("cuLaunchKernelEx", error);
    EXPECT_EQ(module.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, kDefaultStream), Status(error));
    EXPECT_EQ(runtime::cudaGetLastError(), Status(error));
  }
}

TEST_F(Launching, StubThatNobodyRegisteredIsAnInvalidFunction) {
  void* arguments[] = {nullptr};
  const char stub = 0;
  EXPECT_EQ(runtime::cudaLaunchKernel(&stub, {1, 1, 1}, {1, 1, 1}, arguments, 0, nullptr),
            kInvalidDeviceFunction);
}

TEST_F(Launching, StubOfADeadModuleIsForgotten) {
  const void* stub = nullptr;
  {
    const TestModule module(Images(), Kernels());
    stub = module.stub(0);
    EXPECT_NE(FindKernel(stub), nullptr);
  }
  EXPECT_EQ(FindKernel(stub), nullptr);
}

TEST_F(Launching, ConfigurationsNest) {
  TestModule module(Images(), Kernels());
  runtime::PushCallConfiguration({7, 1, 1}, {1, 1, 1}, 0, nullptr);
  module.Launch(2, {3, 1, 1}, {1, 1, 1}, 0, kDefaultStream);  // while arguments are evaluated
  module.CallStub(2);
  EXPECT_EQ(Calls("cuLaunchKernelEx"),
            (std::vector<std::string>{"cuLaunchKernelEx bare on 0 grid 3,1,1 block 1,1,1 smem 0",
                                      "cuLaunchKernelEx bare on 0 grid 7,1,1 block 1,1,1 smem 0"}));
  Dim3 dim;
  size_t shared = 0;
  void* stream = nullptr;
  EXPECT_EQ(runtime::PopCallConfiguration(&dim, &dim, &shared, &stream),
            unsigned{kMissingConfiguration});
}

TEST_F(Launching, NestingHasALimitThatIsAnError) {
  for (size_t i = 0; i < CallingThread::kMaxNested; ++i) {
    EXPECT_EQ(runtime::PushCallConfiguration({1, 1, 1}, {1, 1, 1}, 0, nullptr), 0U);
  }
  EXPECT_NE(runtime::PushCallConfiguration({1, 1, 1}, {1, 1, 1}, 0, nullptr), 0U);
  EXPECT_EQ(runtime::cudaGetLastError(), kInvalidConfiguration);
  Dim3 dim;
  size_t shared = 0;
  void* stream = nullptr;
  for (size_t i = 0; i < CallingThread::kMaxNested; ++i) {
    EXPECT_EQ(runtime::PopCallConfiguration(&dim, &dim, &shared, &stream), 0U);
  }
}

}  // namespace
}  // namespace kiln::jit
