#include <cstring>
#include <set>
#include <thread>

#include "jit/device/runtime_api.h"
#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

using namespace runtime;  // NOLINT(google-build-using-namespace): the calls under test

using RuntimeDevices = StandIn;

TEST_F(RuntimeDevices, TableNamesEachFunctionOnce) {
  std::set<std::string_view> names;
  for (const auto& [name, address] : RuntimeSymbols()) {
    EXPECT_NE(address, nullptr) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  for (const char* const name :
       {"cudaMalloc", "cudaLaunchKernel", "__cudaRegisterFatBinary", "__cudaPushCallConfiguration",
        "__kiln_launch_kernel", "kiln_begin_launch", "kiln_end_launch"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST_F(RuntimeDevices, DevicesAreCountedAndChosen) {
  int count = 0;
  EXPECT_EQ(cudaGetDeviceCount(&count), kSuccess);
  EXPECT_EQ(count, 2);
  EXPECT_EQ(cudaSetDevice(1), kSuccess);
  int device = 0;
  EXPECT_EQ(cudaGetDevice(&device), kSuccess);
  EXPECT_EQ(device, 1);
  EXPECT_EQ(cudaSetDevice(2), kInvalidDevice);
  EXPECT_EQ(cudaSetDevice(-1), kInvalidDevice);
  EXPECT_EQ(cudaGetLastError(), kInvalidDevice);
  cudaGetDevice(&device);
  EXPECT_EQ(device, 1);
}

TEST_F(RuntimeDevices, EachThreadHasItsOwnDeviceAndLastError) {
  cudaSetDevice(1);
  cudaSetDevice(7);
  std::thread([] {
    int device = -1;
    EXPECT_EQ(cudaGetDevice(&device), kSuccess);
    EXPECT_EQ(device, 0);
    EXPECT_EQ(cudaGetLastError(), kSuccess);
  }).join();
  EXPECT_EQ(cudaGetLastError(), kInvalidDevice);
}

TEST_F(RuntimeDevices, PropertiesAreThoseOfTheDriver) {
  DeviceProperties properties;
  std::memset(&properties, 0xFF, sizeof properties);
  ASSERT_EQ(cudaGetDeviceProperties(&properties, 1), kSuccess);
  EXPECT_STREQ(properties.name, "Stand-in sm_90");
  EXPECT_EQ(properties.uuid[0], 2);
  EXPECT_EQ(properties.totalGlobalMem, size_t{40} << 30);
  EXPECT_EQ(properties.major, 9);
  EXPECT_EQ(properties.minor, 0);
  EXPECT_EQ(properties.warpSize, 32);
  EXPECT_EQ(properties.multiProcessorCount, 108);
  EXPECT_EQ(properties.maxThreadsDim[2], 64);
  EXPECT_EQ(properties.maxGridSize[0], 2147483647);
  EXPECT_EQ(properties.maxGridSize[2], 65535);
  EXPECT_EQ(properties.sharedMemPerBlock, 49152U);
  EXPECT_EQ(properties.sharedMemPerBlockOptin, 232448U);
  EXPECT_EQ(properties.maxThreadsPerMultiProcessor, 2048);
  EXPECT_EQ(properties.cooperativeLaunch, 1);
  EXPECT_EQ(properties.maxTexture2D[1], 0);
  EXPECT_EQ(properties.reserved[55], 0);
  EXPECT_EQ(cudaGetDeviceProperties(&properties, 2), kInvalidDevice);
}

TEST_F(RuntimeDevices, AttributesNeedNoContext) {
  std::thread([] {
    int value = 0;
    EXPECT_EQ(cudaDeviceGetAttribute(&value, 75, 1), kSuccess);
    EXPECT_EQ(value, 9);
    EXPECT_EQ(cudaDeviceGetAttribute(&value, 75, 9), kInvalidDevice);
  }).join();
  EXPECT_TRUE(Calls("cuCtxSetCurrent").empty());
}

TEST_F(RuntimeDevices, VersionsAreTold) {
  int version = 0;
  EXPECT_EQ(cudaDriverGetVersion(&version), kSuccess);
  EXPECT_EQ(version, 13000);
  EXPECT_EQ(cudaRuntimeGetVersion(&version), kSuccess);
  EXPECT_GE(version, 12000);
}

TEST_F(RuntimeDevices, ErrorsHaveNamesAndWords) {
  EXPECT_STREQ(cudaGetErrorName(kSuccess), "cudaSuccess");
  EXPECT_STREQ(cudaGetErrorString(kSuccess), "no error");
  EXPECT_STREQ(cudaGetErrorName(Status(700)), "cudaErrorIllegalAddress");
  EXPECT_STREQ(cudaGetErrorString(kInvalidConfiguration), "invalid configuration argument");
  EXPECT_STREQ(cudaGetErrorName(Status(12345)), "unrecognized error code");
  EXPECT_EQ(DriverName(kNoDevice), "CUDA_ERROR_NO_DEVICE");
  EXPECT_EQ(DriverName(kInvalidSymbol), "cudaErrorInvalidSymbol");
  EXPECT_EQ(DriverName(Status(12345)), "CUDA error 12345");
}

TEST_F(RuntimeDevices, SynchronizingReachesTheCurrentDevice) {
  cudaSetDevice(1);
  kiln_standin_reset();
  EXPECT_EQ(cudaDeviceSynchronize(), kSuccess);
  EXPECT_EQ(cudaDeviceReset(), kSuccess);
  EXPECT_STREQ(kiln_standin_log(), "cuCtxSynchronize 1\ncuCtxSynchronize 1\n");
  kiln_standin_fail("cuCtxSynchronize", 700);
  EXPECT_EQ(cudaDeviceSynchronize(), Status(700));
  EXPECT_EQ(cudaGetLastError(), Status(700));
}

TEST_F(RuntimeDevices, LimitsPeersAndPrioritiesComeFromTheDriver) {
  size_t value = 0;
  int number = -1;
  int greatest = 0;
  EXPECT_EQ(cudaDeviceSetLimit(1, 4096), kSuccess);
  EXPECT_EQ(cudaDeviceGetLimit(&value, 1), kSuccess);
  EXPECT_EQ(value, 2048U);
  EXPECT_EQ(cudaDeviceCanAccessPeer(&number, 0, 1), kSuccess);
  EXPECT_EQ(number, 1);
  EXPECT_EQ(cudaDeviceCanAccessPeer(&number, 0, 2), kInvalidDevice);
  EXPECT_EQ(cudaDeviceEnablePeerAccess(1, 0), kSuccess);
  EXPECT_EQ(Calls("cuCtxEnablePeerAccess"), std::vector<std::string>{"cuCtxEnablePeerAccess 1"});
  EXPECT_EQ(cudaDeviceGetStreamPriorityRange(&number, &greatest), kSuccess);
  EXPECT_EQ(greatest, -5);
  size_t total = 0;
  EXPECT_EQ(cudaMemGetInfo(&value, &total), kSuccess);
  EXPECT_EQ(value, total / 2);
}

TEST_F(RuntimeDevices, KernelsAreDescribed) {
  const TestModule module(Images(), Kernels());
  FunctionAttributes attributes{};
  EXPECT_EQ(cudaFuncGetAttributes(&attributes, module.stub(1)), kSuccess);
  EXPECT_EQ(attributes.maxThreadsPerBlock, 128);
  EXPECT_EQ(attributes.sharedSizeBytes, 1024U);
  EXPECT_EQ(attributes.numRegs, 32);
  EXPECT_EQ(attributes.binaryVersion, 80);
  EXPECT_EQ(attributes.maxDynamicSharedSizeBytes, 49152);
  int blocks = 0;
  int threads = 0;
  EXPECT_EQ(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, module.stub(0), 256, 0),
            kSuccess);
  EXPECT_EQ(blocks, 8);
  EXPECT_EQ(cudaOccupancyMaxPotentialBlockSize(&blocks, &threads, module.stub(0), 0, 64), kSuccess);
  EXPECT_EQ(threads, 64);
  EXPECT_EQ(cudaFuncSetCacheConfig(module.stub(0), 2), kSuccess);
  EXPECT_EQ(cudaFuncGetAttributes(&attributes, &attributes), kInvalidDeviceFunction);
}

}  // namespace
}  // namespace kiln::jit
