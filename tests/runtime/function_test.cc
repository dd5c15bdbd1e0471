#include <string>

#include <gtest/gtest.h>

#include <kiln/function.h>

namespace kiln {
namespace {

int ReturnHandle(void* handle, const TVMFFIAny*, int32_t, TVMFFIAny* result) {
  result->type_index = kTVMFFIOpaquePtr;
  result->v_ptr = handle;
  return 0;
}

int FailWith(void* code, const TVMFFIAny*, int32_t, TVMFFIAny*) { return *static_cast<int*>(code); }

int FailLoudly(void*, const TVMFFIAny*, int32_t, TVMFFIAny*) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "of the callee");
  return -1;
}

void CountDeletion(void* self) { ++*static_cast<int*>(self); }

Function Make(void* self, TVMFFISafeCallType callback, void (*deleter)(void*)) {
  TVMFFIObjectHandle handle = nullptr;
  EXPECT_EQ(TVMFFIFunctionCreate(self, callback, deleter, &handle), 0);
  return Function(ObjectPtr<FunctionObj>::AdoptHandle(handle));
}

int Call(const Function& function, TVMFFIAny* result) {
  return TVMFFIFunctionCall(function.handle(), nullptr, 0, result);
}

std::string TakeRaisedText() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  if (handle == nullptr) return "";
  return Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).what();
}

TEST(Function, CallbackIsCalledWithItsSelf) {
  int self = 0;
  const Function function = Make(&self, &ReturnHandle, nullptr);
  EXPECT_EQ(function().cast<void*>(), &self);
}

TEST(Function, CallbackWithoutSelfIsTheEntryPoint) {
  EXPECT_EQ(Make(nullptr, &FailLoudly, nullptr).get()->safe_call, &FailLoudly);
  int self = 0;
  EXPECT_NE(Make(&self, &FailLoudly, nullptr).get()->safe_call, &FailLoudly);
}

TEST(Function, SelfIsDeletedOnceWithTheLastReference) {
  int deletions = 0;
  {
    Function first = Make(&deletions, &ReturnHandle, &CountDeletion);
    const Function second = first;
    first = Function();
    EXPECT_EQ(deletions, 0);
  }
  EXPECT_EQ(deletions, 1);
}

TEST(Function, ErrorOfTheCalleeReachesTheCaller) {
  TVMFFIAny result{};
  EXPECT_EQ(Call(Make(nullptr, &FailLoudly, nullptr), &result), -1);
  EXPECT_EQ(TakeRaisedText(), "ValueError: of the callee");
}

TEST(Function, FailureWithoutAnErrorGetsOneThatSaysSo) {
  int code = 7;
  TVMFFIAny result{};
  EXPECT_EQ(Call(Make(&code, &FailWith, nullptr), &result), 7);
  EXPECT_EQ(TakeRaisedText(),
            "InternalError: a function returned 7 (failure) without raising an error");
}

TEST(Function, ErrorThatIsLeftWithAnotherEnvironmentIsNotDoubled) {
  int code = -2;
  TVMFFIAny result{};
  EXPECT_EQ(Call(Make(&code, &FailWith, nullptr), &result), -2);
  EXPECT_EQ(TakeRaisedText(), "");
}

TEST(Function, NullCallbackAndNullFunctionAreErrors) {
  TVMFFIObjectHandle handle = nullptr;
  EXPECT_EQ(TVMFFIFunctionCreate(nullptr, nullptr, nullptr, &handle), -1);
  EXPECT_NE(TakeRaisedText(), "");
  TVMFFIAny result{};
  EXPECT_EQ(TVMFFIFunctionCall(nullptr, nullptr, 0, &result), -1);
  EXPECT_NE(TakeRaisedText(), "");
}

}  // namespace
}  // namespace kiln
