// Many threads on the same few names, types and errors. Run under the thread sanitizer, too.

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/module.h>

namespace kiln {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 2000;
const std::vector<std::string> kNames{"test.shared.a", "test.shared.b", "test.shared.c"};

void RunThreads(const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(body, i);
  for (std::thread& thread : threads) thread.join();
}

// A function that fails if it is called after its destruction, and counts how many are alive.
Function Counted(std::atomic<int>* alive, int64_t value) {
  const std::shared_ptr<int64_t> state(new int64_t(value), [alive](int64_t* p) {
    *p = -1;
    --*alive;
    delete p;
  });
  ++*alive;
  return Function::FromTyped([state] { return *state; });
}

TEST(Concurrent, RegistrySurvivesLookupCallOverrideAndRemoval) {
  std::atomic<int> alive{0};
  RunThreads([&](int thread) {
    for (int i = 0; i < kRounds; ++i) {
      const std::string& name = kNames[static_cast<size_t>(i + thread) % kNames.size()];
      if (i % 7 == thread) {
        GlobalFunction::Register(name, Counted(&alive, i), /*override=*/true);
      } else if (i % 31 == thread) {
        GlobalFunction::Remove(name);
      } else if (const auto function = GlobalFunction::Find(name)) {
        EXPECT_GE((*function)().cast<int64_t>(), 0);
      }
    }
  });
  for (const std::string& name : kNames) GlobalFunction::Remove(name);
  EXPECT_EQ(alive, 0);
}

// Nothing but the moment between reading the pointer and taking a reference, as often as possible.
TEST(Concurrent, ReplacedFunctionIsNotReleasedUnderAReader) {
  const std::string name = "test.replaced";
  std::atomic<int> alive{0};
  std::atomic<bool> stop{false};
  GlobalFunction::Register(name, Counted(&alive, 0));
  RunThreads([&](int thread) {
    if (thread == 0) {
      for (int i = 0; i < 10 * kRounds; ++i) {
        GlobalFunction::Register(name, Counted(&alive, i), /*override=*/true);
      }
      stop = true;
    }
    while (!stop) EXPECT_TRUE(GlobalFunction::Find(name).has_value());
  });
  EXPECT_EQ(alive, 1);
  GlobalFunction::Remove(name);
  EXPECT_EQ(alive, 0);
}

TEST(Concurrent, OneOfManyWinsANameWithoutOverride) {
  for (int round = 0; round < 50; ++round) {
    const std::string name = "test.contended." + std::to_string(round);
    std::atomic<int> winners{0};
    RunThreads([&](int thread) {
      try {
        GlobalFunction::RegisterTyped(name, [thread] { return int64_t{thread}; });
        ++winners;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), "RuntimeError");
      }
    });
    EXPECT_EQ(winners, 1);
    GlobalFunction::Remove(name);
  }
}

TEST(Concurrent, NamesAreFoundWhileTheTableGrows) {
  RunThreads([&](int thread) {
    for (int i = 0; i < 500; ++i) {
      const std::string name = "test.growing." + std::to_string(thread) + "." + std::to_string(i);
      GlobalFunction::RegisterTyped(name, [i] { return int64_t{i}; });
      EXPECT_EQ(GlobalFunction::Get(name)().cast<int64_t>(), i);
      if (i % 100 == 0) {
        EXPECT_FALSE(GlobalFunction::Names().empty());
      }
    }
  });
}

TEST(Concurrent, EveryThreadGetsTheSameIndexForAType) {
  std::vector<std::vector<int32_t>> indices(kThreads);
  RunThreads([&](int thread) {
    for (int i = 0; i < 300; ++i) {
      const std::string key = "test.concurrent.Type" + std::to_string(i);
      const TVMFFIByteArray bytes{key.data(), key.size()};
      const int32_t index = TVMFFITypeGetOrAllocIndex(&bytes, -1, 1, 2, 1, kTVMFFIObject);
      const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
      ASSERT_NE(info, nullptr);
      EXPECT_EQ(std::string(info->type_key.data, info->type_key.size), key);
      indices[static_cast<size_t>(thread)].push_back(index);
    }
  });
  for (const auto& of_thread : indices) EXPECT_EQ(of_thread, indices[0]);
}

TEST(Concurrent, ErrorsStayWithTheirThread) {
  RunThreads([&](int thread) {
    const std::string message = "of thread " + std::to_string(thread);
    const Function fails = Function::FromTyped([message] { throw Error("ValueError", message); });
    for (int i = 0; i < kRounds / 10; ++i) {
      try {
        fails();
        ADD_FAILURE() << "no error";
      } catch (const Error& error) {
        EXPECT_EQ(error.message(), message);
      }
    }
  });
}

TEST(Concurrent, LinesOfALibraryAreReadByEightThreadsAtOnce) {
  const Function raise = Module::LoadFromFile(KILN_TEST_RAISING_LIBRARY).GetFunction("raise");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      try {
        raise();
      } catch (const Error& error) {
        const std::string line = std::string(error.message()) + ", in __tvm_ffi_raise\n";
        EXPECT_NE(error.backtrace().find("raising_library.c\", line " + line), std::string::npos)
            << error.backtrace();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Concurrent, BacktraceOfASharedErrorTakesEveryLine) {
  const Error error("ValueError", "shared");
  RunThreads([&](int) {
    for (int i = 0; i < 100; ++i) error.AppendBacktrace("x\n");
  });
  EXPECT_EQ(error.backtrace().size(), 2u * 100 * kThreads);
}

TEST(Concurrent, FunctionsOfAModuleAreFoundByEightThreadsAtOnce) {
  const std::vector<std::string> names{"add", "count_unloads", "library_context", "context_symbol"};
  for (int round = 0; round < 20; ++round) {
    const Module module = Module::LoadFromFile(KILN_TEST_LIBRARY);
    std::vector<std::vector<TVMFFISafeCallType>> found(8);
    std::vector<std::thread> threads;
    for (auto& symbols : found) {
      threads.emplace_back([&] {
        for (const std::string& name : names) {
          EXPECT_FALSE(module.FindFunction("not_" + name).has_value());
          symbols.push_back(module.GetFunction(name).get()->safe_call);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& symbols : found) EXPECT_EQ(symbols, found.front());
    EXPECT_EQ(module.use_count(), 1u);
  }
}

TEST(Concurrent, ModulesLoadCallAndUnload) {
  RunThreads([&](int thread) {
    for (int i = 0; i < 30; ++i) {
      const Function add = Module::LoadFromFile(KILN_TEST_LIBRARY).GetFunction("add");
      EXPECT_EQ(add(thread, i).cast<int64_t>(), thread + i);
    }
  });
}

}  // namespace
}  // namespace kiln
