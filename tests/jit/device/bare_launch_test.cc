#include "jit/device/bare_launch.h"

#include <cstdint>

#include "jit/device/launch_object.h"
#include "kiln/any.h"
#include "kiln/environment.h"
#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

// A launch object with what a test sets.
Launch LaunchWith(const Shape& grid, const Shape& block, int64_t smem = -1) {
  ObjectPtr<LaunchObj> launch = MakeObject<LaunchObj>();
  launch->grid = grid;
  launch->block = block;
  launch->smem = smem;
  return Launch(std::move(launch));
}

class BareLaunching : public StandIn {
 protected:
  // What a wrapper does. "" or "kind: message" of what is raised.
  template <typename... Parameters>
  std::string Call(size_t kernel, AnyView launch, const char* plan, int64_t elements, int device,
                   Parameters... parameters) {
    if (BeginLaunch(module_.slot(kernel), &launch.raw(), plan, elements, device) == 0) {
      module_.CallStub(kernel, parameters...);
      if (EndLaunch(module_.slot(kernel)) == 0) return "";
    }
    TVMFFIObjectHandle handle = nullptr;
    TVMFFIErrorMoveFromRaised(&handle);
    const Error error(ObjectPtr<ErrorObj>::AdoptHandle(handle));
    return error.what();
  }

  std::vector<std::string> Launches() const { return Calls("cuLaunchKernelEx"); }

  TestModule module_{Images(), Kernels()};
};

TEST_F(BareLaunching, PlanAloneLaunches) {
  EXPECT_EQ(Call(2, AnyView(), "grid=64,1,1 block=256,1,1 smem=512", 0, -1), "");
  EXPECT_EQ(Launches(), std::vector<std::string>{
                            "cuLaunchKernelEx bare on 0 grid 64,1,1 block 256,1,1 smem 512"});
}

TEST_F(BareLaunching, LaunchOfTheCallComesBeforeThePlan) {
  const Launch launch = LaunchWith({7}, {});
  EXPECT_EQ(Call(2, launch, "grid=64 block=256", 0, 1), "");
  EXPECT_EQ(Launches(),
            std::vector<std::string>{"cuLaunchKernelEx bare on 1 grid 7,1,1 block 256,1,1 smem 0"});
}

TEST_F(BareLaunching, OneThreadForEachElementRoundsUp) {
  void* const pointer = nullptr;
  EXPECT_EQ(Call(1, AnyView(), "1d", 1000, 0, pointer), "");
  EXPECT_EQ(Call(2, AnyView(), "1d block=100", 1000, 0), "");
  EXPECT_EQ(Launches(), (std::vector<std::string>{
                            "cuLaunchKernelEx bounded on 0 grid 8,1,1 block 128,1,1 smem 0",
                            "cuLaunchKernelEx bare on 0 grid 10,1,1 block 100,1,1 smem 0"}));
}

TEST_F(BareLaunching, OccupancyIsAskedOnce) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Call(2, AnyView(), "1d", 1 << 20, 0), "");
  EXPECT_EQ(Calls("cuOccupancyMaxPotentialBlockSize").size(), 1U);
  EXPECT_EQ(Launches().size(), 3U);
}

TEST_F(BareLaunching, NoElementsLaunchNothing) {
  EXPECT_EQ(Call(2, AnyView(), "1d", 0, 0), "");
  EXPECT_TRUE(Launches().empty());
}

TEST_F(BareLaunching, StreamIsTheEnvironmentsUnlessTheLaunchNamesOne) {
  const DLDevice device = {kDLCUDA, 1};
  const StreamGuard guard(device, reinterpret_cast<Stream>(2));
  EXPECT_EQ(Call(2, AnyView(), "grid=1 block=1", 0, 1), "");
  ObjectPtr<LaunchObj> launch = MakeObject<LaunchObj>();
  launch->stream = reinterpret_cast<void*>(1);
  EXPECT_EQ(Call(2, Launch(launch), "grid=1 block=1", 0, 1), "");
  EXPECT_EQ(Launches(),
            (std::vector<std::string>{
                "cuLaunchKernelEx bare on 1 grid 1,1,1 block 1,1,1 smem 0 stream 0x2",
                "cuLaunchKernelEx bare on 1 grid 1,1,1 block 1,1,1 smem 0 stream 0x1"}));
}

TEST_F(BareLaunching, DeviceOfTheTensorsIsTheThreadsForTheCallAlone) {
  EXPECT_EQ(Call(2, AnyView(), "grid=1 block=1", 0, 1), "");
  int device = -1;
  EXPECT_EQ(runtime::cudaGetDevice(&device), kSuccess);
  EXPECT_EQ(device, 0);
  EXPECT_EQ(Calls("cuCtxSetCurrent"),
            (std::vector<std::string>{"cuCtxSetCurrent 1", "cuCtxSetCurrent 0"}));
}

TEST_F(BareLaunching, DeviceIsGivenBackAfterAFailureToo) {
  EXPECT_NE(Call(2, AnyView(), "grid=0 block=1", 0, 1), "");
  kiln_standin_fail("cuLaunchKernelEx", 719);
  EXPECT_NE(Call(2, AnyView(), "grid=1 block=1", 0, 1), "");
  int device = -1;
  runtime::cudaGetDevice(&device);
  EXPECT_EQ(device, 0);
}

TEST_F(BareLaunching, LargeSharedMemoryIsAskedForByItself) {
  const char* const plan = "grid=1 block=1 smem=100000";
  EXPECT_EQ(Call(2, AnyView(), plan, 0, 0), "");
  EXPECT_EQ(Call(2, AnyView(), plan, 0, 0), "");
  EXPECT_EQ(Calls("cuKernelSetAttribute"),
            std::vector<std::string>{"cuKernelSetAttribute 8 100000 bare on 0"});
  EXPECT_EQ(Launches().size(), 2U);
}

TEST_F(BareLaunching, ClusterAndCooperativeReachTheDriver) {
  EXPECT_EQ(Call(2, AnyView(), "grid=4 block=1 cluster=2 cooperative=1", 0, 0), "");
  EXPECT_EQ(Launches(),
            std::vector<std::string>{"cuLaunchKernelEx bare on 0 grid 4,1,1 block 1,1,1 smem 0 "
                                     "cluster 2,1,1 cooperative"});
}

TEST_F(BareLaunching, ShapesThatCannotBeAreValueErrors) {
  void* const pointer = nullptr;
  EXPECT_EQ(Call(2, AnyView(), "grid=0 block=1", 0, 0),
            "ValueError: bare: grid must be at least 1 in each dimension, got (0, 1, 1)");
  EXPECT_EQ(Call(2, AnyView(), "grid=1 block=2048", 0, 0),
            "ValueError: bare: block must be at most (1024, 1024, 64) on device 0 (sm_80), got "
            "(2048, 1, 1)");
  EXPECT_EQ(Call(2, AnyView(), "grid=1 block=64,32", 0, 0),
            "ValueError: bare: a block of (64, 32, 1) has 2048 threads, at most 1024 are possible "
            "on device 0 (sm_80)");
  EXPECT_EQ(Call(1, AnyView(), "grid=1 block=129", 0, 0, pointer),
            "ValueError: bounded: a block of (129, 1, 1) has 129 threads, at most 128 are possible "
            "by the kernel's registers or __launch_bounds__ on device 0 (sm_80)");
  EXPECT_EQ(Call(1, AnyView(), "grid=1 block=1 smem=166000", 0, 0, pointer),
            "ValueError: bounded: 166000 bytes of dynamic and 1024 bytes of static shared memory "
            "are more than the 166912 that a block may have on device 0 (sm_80)");
  EXPECT_EQ(Call(2, AnyView(), "grid=1,65536 block=1", 0, 0),
            "ValueError: bare: grid must be at most (2147483647, 65535, 65535) on device 0 "
            "(sm_80), got (1, 65536, 1)");
  EXPECT_EQ(Call(2, AnyView(), "1d block=1", int64_t{1} << 40, 0),
            "ValueError: bare: 1099511627776 elements need 1099511627776 blocks of 1 threads, at "
            "most 2147483647 are possible");
  EXPECT_TRUE(Launches().empty());
}

TEST_F(BareLaunching, MissingShapeSaysHowToGiveIt) {
  EXPECT_EQ(Call(2, AnyView(), nullptr, 0, 0),
            "ValueError: bare: no grid is given; pass kiln.jit.launch(grid, block) as the last "
            "argument, or compile with the option launch");
  EXPECT_EQ(Call(2, LaunchWith({1}, {}), nullptr, 0, 0).substr(0, 38),
            "ValueError: bare: no block is given; p");
}

TEST_F(BareLaunching, OtherObjectsAreNoLaunch) {
  EXPECT_EQ(Call(2, AnyView(5), nullptr, 0, 0),
            "TypeError: bare: the launch must be a kiln.jit.Launch, got int 5; kiln.jit.launch "
            "makes one");
  EXPECT_EQ(Call(2, AnyView(), "2d", 0, 0),
            "ValueError: bare: option launch must be '1d' or like 'grid=64,1,1 block=256,1,1 "
            "smem=0', got '2d'");
}

TEST_F(BareLaunching, DeviceThatIsNotThereIsNamed) {
  EXPECT_EQ(Call(2, AnyView(), "grid=1 block=1", 0, 5),
            "ValueError: bare: there is no device cuda:5, where its tensors say they are; there "
            "are 2");
}

TEST_F(BareLaunching, DriversErrorIsRaisedAtTheEnd) {
  kiln_standin_fail("cuLaunchKernelEx", kLaunchOutOfResources);
  EXPECT_EQ(Call(2, AnyView(), "grid=2 block=4 smem=8", 0, 0),
            "RuntimeError: CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES while launching bare with grid (2, "
            "1, 1), block (4, 1, 1), 8 bytes of shared memory on device 0 (sm_80): too many "
            "resources requested for launch");
  kiln_standin_fail("cuKernelSetAttribute", kInvalidValue);
  EXPECT_EQ(Call(2, AnyView(), "grid=1 block=1 smem=100000", 0, 0),
            "RuntimeError: CUDA_ERROR_INVALID_VALUE while allowing bare 100000 bytes of dynamic "
            "shared memory on device 0 (sm_80)");
  EXPECT_EQ(runtime::cudaPeekAtLastError(), kSuccess);  // it was raised, not kept
}

TEST_F(BareLaunching, SlotWithoutARegisteredStubIsAnError) {
  const char stub = 0;
  KernelSlot slot{{nullptr}, &stub};
  EXPECT_EQ(BeginLaunch(&slot, nullptr, "grid=1 block=1", 0, 0), -1);
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  EXPECT_EQ(std::string(Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).what()),
            "RuntimeError: the module has no code for GPUs: none of its kernels is registered with "
            "CUDA");
}

}  // namespace
}  // namespace kiln::jit
