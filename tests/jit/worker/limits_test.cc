// What can't be stopped or survived in process is an error of the compile, and the session goes on.
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/jit/worker/isolated.h"
#include "tests/jit/worker/worker_processes.h"

namespace kiln::testing {
namespace {

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(WorkerLimits, AnEndlessCompileIsATimeoutError) {
  const std::string error =
      CompileError(kEndlessIr, {.name = "endless.ll", .more = {{"timeout_ms", 300}}});
  EXPECT_EQ(error,
            "TimeoutError: the compile of 'endless.ll' did not end within timeout_ms = 300 and was "
            "stopped; allow more time, or simplify the code");
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

TEST(WorkerLimits, ACompileWithinItsLimitsEnds) {
  jit::CompileOptions options{.name = "k.c", .exports = {"f"}};
  options.more = {{"timeout_ms", 60'000}, {"max_memory_mb", 4'000}};
  const Module module = jit::Compile("int f(void) { return 3; }", Isolated(options));
  EXPECT_EQ(module.GetFunction("f")().cast<int64_t>(), 3);
}

TEST(WorkerLimits, AWorkerThatIsKilledIsARuntimeErrorThatNamesSignalAndSource) {
  std::thread killer([] { kill(WaitForBusyWorker(getpid()), SIGKILL); });
  const std::string error = CompileError(kEndlessIr, {.name = "endless.ll"});
  killer.join();
  EXPECT_EQ(error,
            "RuntimeError: the worker process that compiled 'endless.ll' was killed by signal 9 "
            "(SIGKILL)");
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

TEST(WorkerLimits, ACrashOfTheCompilerIsTheErrorThatItIsInThisProcess) {
  const std::string error = CompileError(
      "int f(int x) { return " + std::string(400000, '!') + "x; }", {.name = "crash.c"});
  EXPECT_TRUE(Has(error, "CompileError: crash.c: 1 error")) << error;
  EXPECT_TRUE(Has(error, "could not go on")) << error;
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

TEST(WorkerLimits, LimitsNeedAWorker) {
  for (const char* option : {"timeout_ms", "max_memory_mb"}) {
    const std::string error =
        ErrorOf([&] { jit::Compile("int x;", {.name = "k.c", .more = {{option, 50}}}); });
    EXPECT_EQ(error, "ValueError: option " + std::string(option) +
                         " = 50 needs isolate = 'process': this process can't be stopped in the "
                         "middle of a compile");
  }
  EXPECT_TRUE(WorkersOf(getpid()).empty());
}

}  // namespace
}  // namespace kiln::testing
