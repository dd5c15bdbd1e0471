// What a launch takes beside the driver's call: no allocation and no lookup once a kernel was
// launched on a device.

#include "jit/device/bare_launch.h"
#include "kiln/any.h"
#include "tests/jit/device/counted_new.h"
#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

class LaunchCost : public StandIn {
 protected:
  // Allocations of a hundred times `launch`, which was done before.
  template <typename Launch>
  static int AllocationsOf(Launch&& launch) {
    launch();
    kiln_standin_record(0);
    const int before = AllocationCount();
    for (int i = 0; i < 100; ++i) launch();
    const int count = AllocationCount() - before;
    kiln_standin_record(1);
    return count;
  }

  TestModule module_{Images(), Kernels()};
};

TEST_F(LaunchCost, LaunchesAllocateNothing) {
  EXPECT_EQ(AllocationsOf(
                [&] { module_.Launch(0, {4, 1, 1}, {32, 1, 1}, 0, nullptr, 1.0F, 2L, 3L, 4L); }),
            0);
  EXPECT_EQ(kiln_standin_count("launches"), 101U);
}

TEST_F(LaunchCost, LaunchesByTheStubsAddressAllocateNothing) {
  void* arguments[] = {nullptr};
  EXPECT_EQ(AllocationsOf([&] {
              runtime::cudaLaunchKernel(module_.stub(2), {4, 1, 1}, {32, 1, 1}, arguments, 0,
                                        nullptr);
            }),
            0);
}

TEST_F(LaunchCost, KernelsCalledAsFunctionsAllocateNothing) {
  const TVMFFIAny none = AnyView().raw();
  for (const int device : {0, 1}) {
    EXPECT_EQ(AllocationsOf([&] {
                ASSERT_EQ(BeginLaunch(module_.slot(2), &none, "1d smem=100000", 5000, device), 0);
                module_.CallStub(2);
                ASSERT_EQ(EndLaunch(module_.slot(2)), 0);
              }),
              0);
  }
}

TEST_F(LaunchCost, LaterLaunchesCallTheDriverOnce) {
  module_.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, nullptr);
  kiln_standin_reset();
  for (int i = 0; i < 3; ++i) module_.Launch(2, {1, 1, 1}, {1, 1, 1}, 0, nullptr);
  const std::string line = "cuLaunchKernelEx bare on 0 grid 1,1,1 block 1,1,1 smem 0\n";
  EXPECT_EQ(kiln_standin_log(), line + line + line);
}

TEST_F(LaunchCost, AllocationsAreCounted) {
  EXPECT_EQ(AllocationsOf([] { ::operator delete(::operator new(8)); }), 100);
}

}  // namespace
}  // namespace kiln::jit
