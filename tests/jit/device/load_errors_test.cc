// What keeps code from a device, and what is said of it.

#include "jit/device/bare_launch.h"
#include "kiln/error.h"
#include "tests/jit/device/standin_test.h"

namespace kiln::jit {
namespace {

using Form = DeviceImage::Form;

// The message that launching the first kernel as a function raises, on that device.
std::string RaisedBy(TestModule* module, int device = 0) {
  if (BeginLaunch(module->slot(), nullptr, "grid=1 block=1", 0, device) == 0) return "";
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  const Error error(ObjectPtr<ErrorObj>::AdoptHandle(handle));
  return std::string(error.kind()) + ": " + std::string(error.message());
}

class LoadErrors : public StandIn {
 protected:
  static std::vector<DeviceImage> Only(int architecture, const std::string& suffix = "") {
    return {{Form::kCubin, architecture, suffix, Cubin(architecture)}};
  }
};

TEST_F(LoadErrors, DriversErrorIsNamedWithKernelImageAndDevice) {
  TestModule module(Only(80), {"saxpy"});
  kiln_standin_fail("cuLibraryLoadData", kInvalidImage);
  EXPECT_EQ(RaisedBy(&module),
            "RuntimeError: CUDA_ERROR_INVALID_IMAGE while loading saxpy for sm_80 on device 0 "
            "(sm_80)");
}

TEST_F(LoadErrors, LoadIsTriedAgainAfterAFailure) {
  TestModule module(Only(80), {"bare"});
  kiln_standin_fail("cuLibraryLoadData", kOutOfMemory);
  EXPECT_EQ(module.Launch(0, {1, 1, 1}, {1, 1, 1}, 0, nullptr), kOutOfMemory);
  EXPECT_EQ(module.Launch(0, {1, 1, 1}, {1, 1, 1}, 0, nullptr), kSuccess);
}

TEST_F(LoadErrors, ImagesThatNoDeviceRunsAreListed) {
  TestModule module({{Form::kCubin, 90, "a", Cubin(90)}, {Form::kPtx, 100, "", ".target sm_100"}},
                    {"saxpy"});
  EXPECT_EQ(RaisedBy(&module),
            "RuntimeError: CUDA_ERROR_NO_BINARY_FOR_GPU while loading saxpy on device 0 (sm_80): "
            "there is code for sm_90a, compute_100; compile it for sm_80 too, or to PTX of an "
            "older architecture");
  EXPECT_EQ(module.Launch(0, {1, 1, 1}, {1, 1, 1}, 0, nullptr), kNoImageForDevice);
  EXPECT_TRUE(Calls("cuLibraryLoadData").empty());
}

TEST_F(LoadErrors, PtxIsCompiledByTheDriverAndItsLogIsShown) {
  const std::string ptx = ".version 7.0\n.target sm_75\n.visible .entry saxpy(.param .u64 a) {}\n";
  TestModule module({{Form::kPtx, 75, "", ptx}}, {"saxpy"});
  kiln_standin_fail("cuLibraryLoadData", 218);
  EXPECT_EQ(RaisedBy(&module),
            "RuntimeError: CUDA_ERROR_INVALID_PTX while loading saxpy for compute_75 on device 0 "
            "(sm_80):\nthe stand-in was told to fail");
  void* pointer = nullptr;
  EXPECT_EQ(module.Launch(0, {1, 1, 1}, {1, 1, 1}, 0, nullptr, pointer), kSuccess);
}

TEST_F(LoadErrors, KernelThatTheCodeLacksIsNamed) {
  TestModule module(Only(80), {"_ZN2ns5scaleIfEEvPT_i"});
  EXPECT_EQ(RaisedBy(&module),
            "RuntimeError: CUDA_ERROR_NOT_FOUND while looking up kernel ns::scale<float> "
            "in the code for sm_80 on device 0 (sm_80)");
  EXPECT_EQ(module.Launch(0, {1, 1, 1}, {1, 1, 1}, 0, nullptr), kInvalidDeviceFunction);
}

TEST_F(LoadErrors, DamagedFatBinaryIsNoImage) {
  std::string fat_binary = WriteFatBinary(Only(80));
  fat_binary[16 + 4] = 1;  // the size of an entry's header
  TestModule module(fat_binary, {"saxpy"});
  EXPECT_EQ(RaisedBy(&module),
            "RuntimeError: the GPU code of saxpy is no fat binary of CUDA: an entry's header has 1 "
            "bytes");
  EXPECT_EQ(module.Launch(0, {1, 1, 1}, {1, 1, 1}, 0, nullptr), kInvalidImage);
}

TEST_F(LoadErrors, ModuleWithoutCodeForGpusSaysSo) {
  TestModule module(std::string(64, 'x'), {"saxpy"});
  EXPECT_EQ(RaisedBy(&module), "RuntimeError: the module of saxpy has no code for GPUs");
}

TEST_F(LoadErrors, ContextThatCannotBeMadeIsAnError) {
  TestModule module(Only(80), {"bare"});
  kiln_standin_fail("cuCtxSetCurrent", kOutOfMemory);
  EXPECT_EQ(runtime::cudaSetDevice(1), kOutOfMemory);
  kiln_standin_fail("cuCtxSetCurrent", kOutOfMemory);
  EXPECT_EQ(RaisedBy(&module, 1),
            "RuntimeError: bare: CUDA_ERROR_OUT_OF_MEMORY while entering device 1 (sm_90)");
}

TEST_F(LoadErrors, AttributesThatCannotBeReadAreAnError) {
  TestModule module(Only(80), {"bare"});
  kiln_standin_fail("cuKernelGetAttribute", kInvalidHandle);
  EXPECT_EQ(RaisedBy(&module),
            "RuntimeError: CUDA_ERROR_INVALID_HANDLE while reading the attributes of bare for "
            "sm_80 on device 0 (sm_80)");
}

}  // namespace
}  // namespace kiln::jit
