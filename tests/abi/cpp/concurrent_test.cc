// What many threads may do at once.
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 5000;

// Counts destructions, whichever thread they happen in.
class SharedObj : public Object {
 public:
  explicit SharedObj(std::atomic<int>* destroyed) : destroyed_(destroyed) {}
  ~SharedObj() {
    value = 0;
    destroyed_->fetch_add(1);
  }

  int value = 42;

 private:
  std::atomic<int>* destroyed_;
};

// Runs `work(thread)` in kThreads threads that start together.
void InThreads(const std::function<void(int)>& work) {
  std::atomic<int> waiting = kThreads;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      waiting.fetch_sub(1);
      while (waiting.load() != 0) std::this_thread::yield();
      work(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ConcurrentCounts, CopiesAndDropsAddUp) {
  std::atomic<int> destroyed = 0;
  auto shared = MakeObject<SharedObj>(&destroyed);
  InThreads([&](int) {
    for (int i = 0; i < kRounds; ++i) {
      const ObjectPtr<SharedObj> copy = shared;
      const ObjectPtr<SharedObj> another = copy;
      ASSERT_EQ(another->value, 42);
    }
  });
  EXPECT_EQ(shared->use_count(), 1u);
  EXPECT_EQ(destroyed, 0);
  shared = nullptr;
  EXPECT_EQ(destroyed, 1);
}

TEST(ConcurrentCounts, TheLastOfManyOwnersDestroysOnce) {
  std::atomic<int> destroyed = 0;
  for (int round = 0; round < 500; ++round) {
    std::vector<ObjectPtr<SharedObj>> owners(kThreads);
    auto shared = MakeObject<SharedObj>(&destroyed);
    for (auto& owner : owners) owner = shared;
    shared = nullptr;
    std::vector<std::thread> threads;
    for (auto& owner : owners) threads.emplace_back([&owner] { owner = nullptr; });
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(destroyed, round + 1);
  }
}

TEST(ConcurrentCounts, AWeakLockGivesALiveObjectOrNull) {
  std::atomic<int> destroyed = 0;
  std::atomic<int> locked = 0;
  for (int round = 0; round < 500; ++round) {
    auto strong = MakeObject<SharedObj>(&destroyed);
    const WeakPtr<SharedObj> weak(strong);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads - 1; ++i) {
      threads.emplace_back([weak, &locked] {
        for (int attempt = 0; attempt < 200; ++attempt) {
          const ObjectPtr<SharedObj> object = weak.lock();
          if (!object) return;
          ASSERT_EQ(object->value, 42);
          locked.fetch_add(1);
        }
      });
    }
    threads.emplace_back([&strong] { strong = nullptr; });
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(destroyed, round + 1);
    ASSERT_FALSE(weak.lock());
  }
  EXPECT_GT(locked, 0);
}

TEST(ConcurrentCalls, EachGetsItsOwnResultOrError) {
  const Function half = Function::FromTyped([](int64_t x) {
    if (x % 2 != 0) throw Error("ValueError", "odd " + std::to_string(x));
    return x / 2;
  });
  InThreads([&](int thread) {
    for (int64_t i = 0; i < kRounds; ++i) {
      const int64_t x = i * kThreads + thread;
      if (x % 2 == 0) {
        ASSERT_EQ(half(x).cast<int64_t>(), x / 2);
      } else {
        ASSERT_EQ(ThrownBy([&] { half(x); }).message(), "odd " + std::to_string(x));
      }
    }
  });
}

// What Kiln's runtime promises beyond the ABI; others may crash here.
TEST(ConcurrentRegistry, ACallFindsTheOldOrTheNewFunction) {
  const char* name = "abi_cpp_concurrent_test.f";
  GlobalFunction::RegisterTyped(name, [] { return 0; });
  InThreads([&](int thread) {
    for (int i = 0; i < kRounds / 10; ++i) {
      if (thread == 0) {
        GlobalFunction::RegisterTyped(name, [i] { return i; }, true);
      } else {
        const int value = GlobalFunction::Get(name)().cast<int>();
        ASSERT_GE(value, 0);
        ASSERT_LT(value, kRounds / 10);
      }
    }
  });
  EXPECT_EQ(GlobalFunction::Get(name)().cast<int>(), kRounds / 10 - 1);
  EXPECT_TRUE(GlobalFunction::Remove(name));
}

}  // namespace
}  // namespace kiln::testing
