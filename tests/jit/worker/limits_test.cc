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

TEST(WorkerLimits, ACompilerThatTakesTooMuchMemoryIsAMemoryError) {
  // Each level doubles what the compiler keeps.
  std::string source = "struct s0 { int a[2]; };\n#define A0 1,\n";
  for (int level = 1; level < 28; ++level) {
    const std::string below = "A" + std::to_string(level - 1);
    source += "#define A" + std::to_string(level) + " " + below + " " + below + "\n";
  }
  source += "int many[] = { A27 };";
  const std::string error =
      CompileError(source, {.name = "large.c", .more = {{"max_memory_mb", 200}}});
  EXPECT_EQ(error,
            "MemoryError: the compile of 'large.c' needs more than max_memory_mb = 200 and was "
            "stopped; allow more memory, or simplify the code");
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

TEST(WorkerLimits, OneHugeRequestOfMemoryIsAMemoryErrorToo) {
  const std::string error = CompileError("char huge[1ul << 36] = {1, 2, 3};",
                                         {.name = "huge.c", .more = {{"max_memory_mb", 100}}});
  EXPECT_TRUE(Has(error, "MemoryError: the compile of 'huge.c' needs more")) << error;
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

TEST(WorkerLimits, ALimitOfOneCompileIsNoLimitOfTheNext) {
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  const Module small = jit::Compile("int f(void) { return 3; }",
                                    Isolated({.name = "k.c", .more = {{"max_memory_mb", 300}}}));
  const std::string numbers = "int many[] = {" + [] {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += "1,";
    return text;
  }() + "};";
  EXPECT_EQ(
      CompileError(numbers, {.name = "many.c", .more = {{"max_memory_mb", 20}}}).substr(0, 11),
      "MemoryError");
  EXPECT_EQ(CompileError(numbers, {.name = "many.c"}), "no error");
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
