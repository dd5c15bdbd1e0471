// Many threads compile in workers at once.
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/worker/isolated.h"
#include "tests/jit/worker/worker_processes.h"

namespace kiln::testing {
namespace {

int64_t Compiled(int value) {
  const Module module = jit::Compile("int f(void) { return " + std::to_string(value) + "; }",
                                     Isolated({.name = "k.c", .opt_level = 0, .exports = {"f"}}));
  return module.GetFunction("f")().cast<int64_t>();
}

TEST(WorkersConcurrent, EachThreadGetsItsOwnResult) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 6; ++thread) {
    threads.emplace_back([thread] {
      for (int i = 0; i < 5; ++i) EXPECT_EQ(Compiled(100 * thread + i), 100 * thread + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const size_t kept = WorkersOf(getpid()).size();
  EXPECT_GE(kept, 1u);
  EXPECT_LE(kept, 4u);
}

TEST(WorkersConcurrent, ATimeoutOfOneDoesNotTouchTheOthers) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 2; ++thread) {
    threads.emplace_back([] {
      const std::string error =
          CompileError(kEndlessIr, {.name = "endless.ll", .more = {{"timeout_ms", 200}}});
      EXPECT_EQ(error.substr(0, 12), "TimeoutError");
    });
    threads.emplace_back([thread] {
      for (int i = 0; i < 3; ++i) EXPECT_EQ(Compiled(100 * thread + i), 100 * thread + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace kiln::testing
