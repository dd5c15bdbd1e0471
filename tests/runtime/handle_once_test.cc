#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/error.h>

namespace kiln {
namespace {

using namespace std::chrono_literals;

int object = 0;
void* inner = nullptr;
void* outer = nullptr;
std::atomic<int> calls{0};

std::string TakeRaisedText() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  if (handle == nullptr) return "";
  return Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).what();
}

int MakeSlowly(void** result) {
  ++calls;
  std::this_thread::sleep_for(20ms);
  *result = &object;
  return 0;
}
int MakeNothing(void**) { return 0; }
int Fail(void**) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "no handle today");
  return 3;
}
int MakeOuter(void** result) {
  return TVMFFIHandleInitOnce(&inner, &MakeSlowly) + MakeSlowly(result);
}
int MakeItself(void** result) {
  *result = &object;
  return TVMFFIHandleInitOnce(&outer, &MakeItself);
}

TEST(HandleOnce, ManyThreadsInitialiseOnce) {
  void* handle = nullptr;
  calls = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(TVMFFIHandleInitOnce(&handle, &MakeSlowly), 0);
      EXPECT_EQ(handle, &object);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls, 1);
}

TEST(HandleOnce, InitialiserMayUseAnotherHandle) {
  inner = outer = nullptr;
  EXPECT_EQ(TVMFFIHandleInitOnce(&outer, &MakeOuter), 0);
  EXPECT_EQ(inner, &object);
  EXPECT_EQ(outer, &object);
}

TEST(HandleOnce, InitialiserThatNeedsItselfIsRefused) {
  outer = nullptr;
  EXPECT_EQ(TVMFFIHandleInitOnce(&outer, &MakeItself), -1);
  EXPECT_EQ(outer, nullptr);
  EXPECT_NE(TakeRaisedText().find("same handle"), std::string::npos);
}

void* left = nullptr;
void* right = nullptr;
std::atomic<int> ready{0};
int MakeLeft(void** result);
int MakeRight(void** result) {
  ++ready;
  while (ready < 2) std::this_thread::yield();
  *result = &object;
  return TVMFFIHandleInitOnce(&left, &MakeLeft);
}
int MakeLeft(void** result) {
  ++ready;
  while (ready < 2) std::this_thread::yield();
  *result = &object;
  return TVMFFIHandleInitOnce(&right, &MakeRight);
}

TEST(HandleOnce, ThreadsThatWaitForEachOtherAreToldSo) {
  std::atomic<int> failures{0};
  const auto run = [&](void** handle, int (*make)(void**)) {
    if (TVMFFIHandleInitOnce(handle, make) != 0) ++failures;
    TVMFFIErrorSetRaised(nullptr);
  };
  std::thread one(run, &left, &MakeLeft);
  std::thread two(run, &right, &MakeRight);
  one.join();
  two.join();
  EXPECT_GE(failures, 1);
}

TEST(HandleOnce, FailureIsPassedOnAndCanBeRepeated) {
  void* handle = nullptr;
  EXPECT_EQ(TVMFFIHandleInitOnce(&handle, &Fail), 3);
  EXPECT_EQ(TakeRaisedText(), "ValueError: no handle today");
  EXPECT_EQ(TVMFFIHandleInitOnce(&handle, &MakeNothing), -1);
  EXPECT_NE(TakeRaisedText(), "");
  EXPECT_EQ(TVMFFIHandleInitOnce(&handle, &MakeSlowly), 0);
}

TEST(HandleOnce, DeinitialisesOnceAndPassesTheCodeOn) {
  void* handle = &object;
  const auto deinit = [](void* value) { return value == &object ? 4 : 0; };
  EXPECT_EQ(TVMFFIHandleDeinitOnce(&handle, deinit), 4);
  EXPECT_EQ(handle, nullptr);
  EXPECT_EQ(TVMFFIHandleDeinitOnce(&handle, deinit), 0);
}

}  // namespace
}  // namespace kiln
