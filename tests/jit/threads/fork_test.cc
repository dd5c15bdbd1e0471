// The engine's threads and a process that forks.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "jit/threads/compile_threads.h"
#include "jit/threads/crash_guard.h"

namespace kiln::jit {
namespace {

// The exit code of a child that returns what `work` does.
template <typename Work>
int CodeOfChild(Work work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int RunsWork() {
  int code = 1;
  CompileThreads::Global().Run([&] { code = RunGuarded([] {}) ? 2 : 0; });
  return code;
}

TEST(Fork, TheChildHasThreadsOfItsOwn) {
  EXPECT_EQ(RunsWork(), 0);
  EXPECT_EQ(CodeOfChild(&RunsWork), 0);
  EXPECT_EQ(RunsWork(), 0);
}

TEST(Fork, ACrashIsSurvivedInTheChild) {
  EXPECT_EQ(RunsWork(), 0);
  EXPECT_EQ(
      CodeOfChild([] {
        int code = 1;
        CompileThreads::Global().Run([&] { code = RunGuarded([] { std::abort(); }) ? 0 : 2; });
        return code;
      }),
      0);
}

TEST(Fork, WaitsForWorkThatRuns) {
  std::atomic<bool> begun = false;
  std::atomic<bool> ended = false;
  CompileThreads::Global().Submit(Priority::kQueue, [&] {
    RunGuarded([&] {
      begun = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      ended = true;
    });
  });
  while (!begun) std::this_thread::yield();
  EXPECT_EQ(CodeOfChild([&] { return ended ? 0 : 1; }), 0);
}

TEST(Fork, WorkMayForkItself) {
  int code = -1;
  CompileThreads::Global().Run([&] { RunGuarded([&] { code = CodeOfChild([] { return 5; }); }); });
  EXPECT_EQ(code, 5);
}

TEST(Fork, ManyForksBesideWork) {
  std::atomic<bool> stop = false;
  std::thread worker([&] {
    while (!stop) RunsWork();
  });
  for (int i = 0; i < 50; ++i) ASSERT_EQ(CodeOfChild(&RunsWork), 0);
  stop = true;
  worker.join();
}

}  // namespace
}  // namespace kiln::jit
