#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <kiln/tensor.h>

namespace kiln {
namespace {

using Set = void (*)(void*, const char*, const char*);

std::string TakeRaisedText() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  if (handle == nullptr) return "";
  return Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).what();
}

TEST(Stream, EachThreadAndDeviceHasItsOwn) {
  int a = 0;
  int b = 0;
  TVMFFIStreamHandle before = &a;
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 0, &a, &before), 0);
  EXPECT_EQ(before, nullptr);
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 1, &b, nullptr), 0);
  EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 0), &a);
  EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 1), &b);
  EXPECT_EQ(TVMFFIEnvGetStream(kDLROCM, 0), nullptr);
  std::thread([] { EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 0), nullptr); }).join();
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 0, nullptr, &before), 0);
  EXPECT_EQ(before, &a);
}

TEST(Stream, NegativeDeviceIsRefused) {
  EXPECT_EQ(TVMFFIEnvSetStream(-1, 0, nullptr, nullptr), -1);
  EXPECT_EQ(TVMFFIEnvSetStream(kDLCUDA, -1, nullptr, nullptr), -1);
  TVMFFIErrorSetRaised(nullptr);
  EXPECT_EQ(TVMFFIEnvGetStream(-1, -1), nullptr);
}

int AllocateOnCpu(DLTensor* prototype, DLManagedTensorVersioned** out, void*, Set) {
  const std::span shape(prototype->shape, static_cast<size_t>(prototype->ndim));
  *out = Tensor::Empty(shape, prototype->dtype).ToDLPackVersioned();
  return 0;
}
int FailWithWords(DLTensor*, DLManagedTensorVersioned**, void* context, Set set_error) {
  set_error(context, "MemoryError", "the device is full");
  return 5;
}
int FailWithoutWords(DLTensor*, DLManagedTensorVersioned**, void*, Set) { return -1; }
int GiveNothing(DLTensor*, DLManagedTensorVersioned**, void*, Set) { return 0; }
int GiveWrongVersion(DLTensor* prototype, DLManagedTensorVersioned** out, void*, Set) {
  AllocateOnCpu(prototype, out, nullptr, nullptr);
  (*out)->version.major = 9;
  return 0;
}

class TensorAllocator : public testing::Test {
 protected:
  ~TensorAllocator() override { TVMFFIEnvSetDLPackManagedTensorAllocator(nullptr, 1, nullptr); }
  static int Allocate(TVMFFIObjectHandle* out) {
    std::array<int64_t, 2> shape{2, 3};
    DLTensor prototype{};
    prototype.device = kCpu;
    prototype.dtype = DataTypeOf<float>();
    prototype.ndim = 2;
    prototype.shape = shape.data();
    return TVMFFIEnvTensorAlloc(&prototype, out);
  }
  static void Use(DLPackManagedTensorAllocator allocator) {
    TVMFFIEnvSetDLPackManagedTensorAllocator(allocator, 0, nullptr);
  }
};

TEST_F(TensorAllocator, MakesTheTensorThatIsAskedFor) {
  Use(&AllocateOnCpu);
  const Tensor tensor =
      Tensor::FromEnvironment(std::array<int64_t, 2>{2, 3}, DataTypeOf<float>(), kCpu);
  EXPECT_EQ(tensor.shape()[1], 3);
  EXPECT_EQ(tensor.dl().strides[0], 3);
}

TEST_F(TensorAllocator, OfTheThreadGoesBeforeThatOfTheProcess) {
  TVMFFIEnvSetDLPackManagedTensorAllocator(&AllocateOnCpu, 1, nullptr);
  Use(&GiveNothing);
  EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), &GiveNothing);
  std::thread([] { EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), &AllocateOnCpu); }).join();
  DLPackManagedTensorAllocator before = nullptr;
  TVMFFIEnvSetDLPackManagedTensorAllocator(nullptr, 0, &before);
  EXPECT_EQ(before, &GiveNothing);
  EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), &AllocateOnCpu);
}

TEST_F(TensorAllocator, AbsenceIsAnErrorThatTellsWhatToDo) {
  TVMFFIObjectHandle tensor = nullptr;
  EXPECT_EQ(Allocate(&tensor), -1);
  EXPECT_NE(TakeRaisedText().find("TVMFFIEnvSetDLPackManagedTensorAllocator"), std::string::npos);
}

TEST_F(TensorAllocator, ItsErrorAndCodeArePassedOn) {
  TVMFFIObjectHandle tensor = nullptr;
  Use(&FailWithWords);
  EXPECT_EQ(Allocate(&tensor), 5);
  EXPECT_EQ(TakeRaisedText(), "MemoryError: the device is full");
  Use(&FailWithoutWords);
  EXPECT_EQ(Allocate(&tensor), -1);
  EXPECT_NE(TakeRaisedText(), "");
  Use(&GiveNothing);
  EXPECT_EQ(Allocate(&tensor), -1);
  EXPECT_NE(TakeRaisedText(), "");
  EXPECT_EQ(tensor, nullptr);
}

TEST_F(TensorAllocator, TensorThatCannotBeUsedIsGivenBack) {
  TVMFFIObjectHandle tensor = nullptr;
  Use(&GiveWrongVersion);
  EXPECT_EQ(Allocate(&tensor), -1);
  EXPECT_NE(TakeRaisedText().find("version 9"), std::string::npos);
}

int signal_checks = 0;
int gil_depth = 0;
int FindSignal() {
  EXPECT_EQ(gil_depth, 1);
  ++signal_checks;
  return -1;
}
int EnsureGil() { return 40 + gil_depth++; }
void ReleaseGil(int state) {
  EXPECT_EQ(state, 40);
  --gil_depth;
}

TEST(Signals, AreCheckedUnderTheGilOfThePythonThatIsRegistered) {
  EXPECT_EQ(TVMFFIEnvCheckSignals(), 0);
  EXPECT_EQ(TVMFFIEnvRegisterCAPI("PyErr_CheckSignals", reinterpret_cast<void*>(&FindSignal)), 0);
  EXPECT_EQ(TVMFFIEnvCheckSignals(), -1);
  EXPECT_NE(TakeRaisedText().find("PyGILState_Ensure"), std::string::npos);
  EXPECT_EQ(TVMFFIEnvRegisterCAPI("PyGILState_Ensure", reinterpret_cast<void*>(&EnsureGil)), 0);
  EXPECT_EQ(TVMFFIEnvRegisterCAPI("PyGILState_Release", reinterpret_cast<void*>(&ReleaseGil)), 0);
  EXPECT_EQ(TVMFFIEnvCheckSignals(), -1);
  EXPECT_EQ(signal_checks, 1);
  EXPECT_EQ(gil_depth, 0);
  EXPECT_EQ(TakeRaisedText(), "");
  for (const char* name : {"PyErr_CheckSignals", "PyGILState_Ensure", "PyGILState_Release"}) {
    EXPECT_EQ(TVMFFIEnvRegisterCAPI(name, nullptr), 0);
  }
}

TEST(Signals, UnknownFunctionOfTheEnvironmentIsRefused) {
  EXPECT_EQ(TVMFFIEnvRegisterCAPI("PyErr_Clear", nullptr), -1);
  EXPECT_NE(TakeRaisedText().find("PyErr_Clear"), std::string::npos);
  EXPECT_EQ(TVMFFIEnvRegisterCAPI(nullptr, nullptr), -1);
  TVMFFIErrorSetRaised(nullptr);
}

}  // namespace
}  // namespace kiln
