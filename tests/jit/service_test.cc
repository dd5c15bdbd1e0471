// The engine as a service: shared compiles, statistics, traces, a process that ends.
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/error_of.h"

namespace kiln::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Ge;
using ::testing::IsSupersetOf;

int64_t CountOf(const std::string& name) { return jit::Stats().at(name).cast<int64_t>(); }

// A source that takes a while: long enough for threads that start together to meet.
std::string LargeSource() {
  std::string text;
  for (int i = 0; i < 150; ++i) {
    const std::string n = std::to_string(i);
    text += "float f" + n + "(const float* x, int n) { float s = " + n +
            "; for (int i = 0; i < n; ++i) s += x[i] * x[(i * 7) % n]; return s; }\n";
  }
  return text + "int answer(void) { return 42; }\n";
}

TEST(Service, ThreadsThatAskForTheSameWaitForOneCompile) {
  const std::string source = LargeSource();
  const int64_t compiles = CountOf("compiles");
  const int64_t shared = CountOf("shared");
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      const Module module = jit::Compile(source, {.name = "large.c", .exports = {"answer"}});
      if (module.GetFunction("answer")().cast<int>() == 42) ++right;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 16);
  EXPECT_EQ(CountOf("compiles") - compiles, 1);
  EXPECT_EQ(CountOf("shared") - shared, 15);
}

TEST(Service, ModulesOfASharedCompileHaveVariablesOfTheirOwn) {
  const std::string source = LargeSource() + "int next(void) { static int n; return ++n; }\n";
  std::atomic<int> sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      const Module module = jit::Compile(source, {.name = "large.c", .exports = {"next"}});
      sum += module.GetFunction("next")().cast<int>();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 2);
}

TEST(Service, StatsCountWhatWasDone) {
  const auto before = [](const char* name) { return CountOf(name); };
  const int64_t compiles = before("compiles");
  const int64_t failures = before("failures");
  const int64_t optimized = before("optimized");
  const int64_t live = before("live_modules");
  const int64_t bytes = before("code_bytes");
  {
    const Module module = jit::Compile(
        "int f(int x) { return x; }", {.name = "a.c", .exports = {"f"}, .more = {{"opt", "auto"}}});
    jit::WaitOptimized(module);
    ErrorOf([] { jit::Compile("int f( {", {.name = "bad.c"}); });
    EXPECT_EQ(CountOf("compiles") - compiles, 2);
    EXPECT_EQ(CountOf("failures") - failures, 1);
    EXPECT_EQ(CountOf("optimized") - optimized, 1);
    EXPECT_EQ(CountOf("live_modules") - live, 1);
    EXPECT_GT(CountOf("code_bytes"), bytes);
    EXPECT_GT(jit::Stats().at("codegen_ms").cast<double>(), 0);
  }
  EXPECT_EQ(CountOf("live_modules"), live);
}

TEST(Service, ManySourcesAreCompiledAtOnce) {
  std::vector<std::string> sources;
  for (int i = 0; i < 10; ++i) {
    sources.push_back("int f(void) { return " + std::to_string(i) + "; }");
  }
  const std::vector<Module> modules =
      jit::CompileMany(sources, {.language = "c", .exports = {"f"}});
  ASSERT_EQ(modules.size(), 10U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(modules[i].GetFunction("f")().cast<int>(), i);
  sources[3] = "int f(void) { return x; }";
  EXPECT_THAT(ErrorOf([&] { jit::CompileMany(sources, {.language = "c", .exports = {"f"}}); }),
              ::testing::StartsWith("CompileError"));
}

TEST(Service, PreloadingIsOptionalAndHarmless) {
  jit::Preload();
  jit::Preload();
  EXPECT_EQ(ErrorOf([] { jit::Compile("int f;", {.name = "a.c"}); }), "no error");
}

// A program that ends while compiles run and wait, and one is being optimised.
[[noreturn]] void EndWithWorkLeft() {
  std::vector<jit::Future> futures;
  const std::string source = LargeSource();
  for (int i = 0; i < 20; ++i) {
    futures.push_back(jit::CompileAsync(source + "int n" + std::to_string(i) + ";",
                                        {.name = "large.c", .more = {{"opt", "auto"}}}));
  }
  futures.front().Wait();
  std::exit(7);
}

TEST(Service, AProcessMayEndWithWorkLeft) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(EndWithWorkLeft(), ::testing::ExitedWithCode(7), "");
}

// A program that writes a trace of one module of two tiers.
[[noreturn]] void Trace(const std::filesystem::path& path) {
  setenv("KILN_TRACE", path.c_str(), 1);
  const Module module =
      jit::Compile("int f(int x) { return x; }", {.name = "traced.c", .more = {{"opt", "auto"}}});
  jit::WaitOptimized(module);
  std::exit(0);
}

TEST(Service, ATraceHasEveryPhaseOnItsThread) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / "kiln-service-test-trace.json";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(Trace(path), ::testing::ExitedWithCode(0), "");
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::filesystem::remove(path);
  std::string list = text.str();
  list.resize(list.rfind(','));
  std::vector<std::string> names;
  int compiles = 0;
  for (const nlohmann::json& event : nlohmann::json::parse(list + "]")) {
    names.push_back(event.at("name"));
    if (names.back() == "compile") {
      ++compiles;
      EXPECT_NE(event.at("tid"), event.at("pid"));  // the first thread compiles nothing
      EXPECT_EQ(event.at("args").at("source"), "traced.c");
    }
    if (event.at("ph") == "X") {
      EXPECT_THAT(event.at("dur").get<double>(), Ge(0));
    }
  }
  EXPECT_THAT(names, IsSupersetOf({"compile", "parse and irgen", "optimize", "codegen", "link"}));
  EXPECT_EQ(compiles, 2);
}

}  // namespace
}  // namespace kiln::testing
