// Compiles that nobody waits for at first.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/error_of.h"

namespace kiln::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A source that takes a while.
std::string LargeSource(int functions) {
  std::string text;
  for (int i = 0; i < functions; ++i) {
    const std::string n = std::to_string(i);
    text += "float f" + n + "(const float* x, int n) { float s = " + n +
            "; for (int i = 0; i < n; ++i) s += x[i] * x[(i * 7) % n]; return s; }\n";
  }
  return text;
}

TEST(CompileAsync, AFutureGivesTheModule) {
  const jit::Future future =
      jit::CompileAsync("int f(int x) { return x + 1; }", {.name = "a.c", .exports = {"f"}});
  EXPECT_EQ(future.Result().GetFunction("f")(1).cast<int>(), 2);
  EXPECT_TRUE(future.IsDone());
  EXPECT_FALSE(future.IsCancelled());
  EXPECT_FALSE(future.Failure().has_value());
  EXPECT_FALSE(future.Cancel());
}

TEST(CompileAsync, AFutureRaisesTheErrorForEachThatAsks) {
  const jit::Future future = jit::CompileAsync("int f(void) { return x; }", {.name = "bad.c"});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(ErrorOf([&] { future.Result(); }), StartsWith("CompileError: bad.c: 1 error"));
  }
  EXPECT_EQ(future.Failure()->kind(), "CompileError");
}

TEST(CompileAsync, WrongArgumentsAreRaisedAtOnce) {
  EXPECT_THAT(ErrorOf([] { jit::CompileAsync("", {.name = "a.c", .opt_level = 9}); }),
              HasSubstr("opt_level"));
}

TEST(CompileAsync, WaitWithATimeOutSaysWhetherItIsDone) {
  const jit::Future future = jit::CompileAsync(LargeSource(400), {.name = "large.c"});
  EXPECT_FALSE(future.Wait(0.0));
  EXPECT_TRUE(future.Wait());
  EXPECT_TRUE(future.Wait(0.0));
}

TEST(CompileAsync, ACancelledFutureRaisesCancelledError) {
  const jit::Future future = jit::CompileAsync(LargeSource(2000), {.name = "large.c"});
  EXPECT_TRUE(future.Cancel());
  EXPECT_TRUE(future.IsDone());
  EXPECT_TRUE(future.IsCancelled());
  EXPECT_FALSE(future.Cancel());
  EXPECT_THAT(ErrorOf([&] { future.Result(); }),
              ::testing::StrEq("CancelledError: the compile of 'large.c' was cancelled"));
}

TEST(CompileAsync, WhatIsQueuedCanBeCancelled) {
  std::vector<jit::Future> futures;
  for (int i = 0; i < 64; ++i) {
    futures.push_back(
        jit::CompileAsync(LargeSource(50), {.name = "large" + std::to_string(i) + ".c"}));
  }
  for (const jit::Future& future : futures) future.Cancel();
  for (const jit::Future& future : futures) EXPECT_TRUE(future.IsDone());
}

TEST(CompileAsync, AHookIsCalledOnceWithTheFuture) {
  std::atomic<int> calls = 0;
  const jit::Future future = jit::CompileAsync("int f;", {.name = "a.c"});
  future.OnDone([&](const jit::Future& done) {
    if (done.IsDone()) ++calls;
  });
  future.Wait();
  future.OnDone([&](const jit::Future&) { ++calls; });  // at once
  while (calls < 2) std::this_thread::yield();
  EXPECT_EQ(calls, 2);
}

TEST(CompileAsync, AHookMayThrow) {
  const jit::Future future = jit::CompileAsync("int f;", {.name = "a.c"});
  future.OnDone([](const jit::Future&) { throw Error("ValueError", "the hook's own"); });
  EXPECT_NO_THROW(future.Result());
}

TEST(CompileAsync, ADroppedFutureIsCompiledAllTheSame) {
  std::atomic<bool> done = false;
  jit::CompileAsync("int f;", {.name = "a.c"}).OnDone([&](const jit::Future&) { done = true; });
  while (!done) std::this_thread::yield();
  SUCCEED();
}

TEST(CompileAsync, ConstructorsMayCompile) {
  // Each holds a compile thread while it waits for another compile.
  const std::string text =
      "#include <kiln/jit.h>\n"
      "static kiln::Module inner = kiln::jit::Compile(\"int g(void) { return 7; }\",\n"
      "    {.name = \"g.c\", .exports = {\"g\"}});\n"
      "int f() { return inner.GetFunction(\"g\")().cast<int>(); }\n";
  std::vector<jit::Future> futures;
  for (int i = 0; i < 8; ++i) {
    futures.push_back(jit::CompileAsync(
        text, {.name = "a" + std::to_string(i) + ".cc", .opt_level = 0, .exports = {"f"}}));
  }
  for (const jit::Future& future : futures) {
    EXPECT_EQ(future.Result().GetFunction("f")().cast<int>(), 7);
  }
}

TEST(CompileAsync, ACompileOfNothingIsAnError) {
  jit::Version();  // loads the engine
  const Function compile = GlobalFunction::Get("kiln.jit.compile_async");
  EXPECT_THAT(ErrorOf([&] { compile(); }), HasSubstr("a source is needed"));
}

}  // namespace
}  // namespace kiln::testing
