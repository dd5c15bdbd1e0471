// opt "auto": a first code at once, a better one in the background.
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

Module CompileAuto(const std::string& source, const std::string& name,
                   std::vector<std::pair<std::string, Any>> more = {}) {
  more.emplace_back("opt", "auto");
  return jit::Compile(source, {.name = name, .exports = {"all"}, .more = std::move(more)});
}

TEST(Tiers, AModuleCanBeCalledAtOnceAndAfterItIsOptimized) {
  const Module module = CompileAuto("int f(int x) { return 3 * x; }", "a.c");
  const Function f = module.GetFunction("f");
  EXPECT_EQ(f(5).cast<int>(), 15);
  EXPECT_TRUE(jit::WaitOptimized(module));
  EXPECT_EQ(f(5).cast<int>(), 15);
  EXPECT_EQ(module.GetFunction("f")(5).cast<int>(), 15);
}

// Tells which code it is: `__builtin_constant_p` of a sum is known only where code is optimised.
constexpr char kTellsItsTier[] =
    "static int inner(int x) { return __builtin_constant_p(x) ? 1 : 0; }\n"
    "int is_optimized(void) { int sum = 0; for (int i = 0; i < 3; ++i) sum += i;\n"
    "  return inner(sum); }\n";

TEST(Tiers, AFunctionThatIsHeldChangesOver) {
  const Module module = CompileAuto(kTellsItsTier, "tier.c");
  const Function is_optimized = module.GetFunction("is_optimized");
  jit::WaitOptimized(module);
  EXPECT_EQ(is_optimized().cast<int>(), 1);
}

constexpr char kCounters[] =
    "static int hidden = 10;\n"
    "int shown = 100;\n"
    "static _Thread_local int own = 1000;\n"
    "int next_hidden(void) { return ++hidden; }\n"
    "int next_shown(void) { return ++shown; }\n"
    "int next_own(void) { return ++own; }\n"
    "int next_local(void) { static int local = 10000; return ++local; }\n"
    "int next_other(void) { static int local = 20000; return ++local; }\n";

TEST(Tiers, VariablesGoOnWithTheirValues) {
  const Module module = CompileAuto(kCounters, "counters.c");
  const auto next = [&](const char* name) { return module.GetFunction(name)().cast<int>(); };
  const Function held = module.GetFunction("next_hidden");
  for (const char* name : {"next_hidden", "next_shown", "next_own", "next_local", "next_other"}) {
    next(name);
  }
  jit::WaitOptimized(module);
  EXPECT_EQ(next("next_hidden"), 12);
  EXPECT_EQ(held().cast<int>(), 13);
  EXPECT_EQ(next("next_shown"), 102);
  EXPECT_EQ(next("next_own"), 1002);
  EXPECT_EQ(next("next_local"), 10002);
  EXPECT_EQ(next("next_other"), 20002);
}

TEST(Tiers, ConstructorsAndDestructorsRunOnce) {
  static std::atomic<int> made;
  static std::atomic<int> dropped;
  made = dropped = 0;
  const std::string source =
      "extern \"C\" void note_made(); extern \"C\" void note_dropped();\n"
      "struct Noted { Noted() { note_made(); } ~Noted() { note_dropped(); } int value = 7; };\n"
      "static Noted noted;\n"
      "inline int& shared() { static int value = noted.value; return value; }\n"
      "int next() { return ++shared(); }\n";
  {
    const Module module = CompileAuto(
        source, "noted.cc",
        {{"symbols",
          Map<String, Any>{{"note_made", reinterpret_cast<void*>(+[] { ++made; })},
                           {"note_dropped", reinterpret_cast<void*>(+[] { ++dropped; })}}}});
    EXPECT_EQ(module.GetFunction("next")().cast<int>(), 8);
    jit::WaitOptimized(module);
    EXPECT_EQ(module.GetFunction("next")().cast<int>(), 9);
    EXPECT_EQ(made, 1);
    EXPECT_EQ(dropped, 0);
  }
  while (dropped == 0) std::this_thread::yield();  // the background work may have it still
  EXPECT_EQ(dropped, 1);
}

TEST(Tiers, AHookTellsWhenItIsDone) {
  const Module module = CompileAuto("int f(int x) { return x; }", "a.c");
  std::atomic<int> calls = 0;
  jit::OnOptimized(module, [&] { ++calls; });
  jit::WaitOptimized(module);
  while (calls == 0) std::this_thread::yield();
  jit::OnOptimized(module, [&] { ++calls; });
  EXPECT_EQ(calls, 2);
}

TEST(Tiers, AModuleOfOneTierIsOptimizedFromTheStart) {
  const Module module = jit::Compile("int f(int x) { return x; }", {.name = "a.c"});
  EXPECT_TRUE(jit::WaitOptimized(module, 0.0));
}

TEST(Tiers, CallsGoOnWhileTheCodeChanges) {
  std::atomic<bool> stop = false;
  std::atomic<int64_t> wrong = 0;
  std::vector<Module> modules;
  for (int i = 0; i < 8; ++i) {
    modules.push_back(
        CompileAuto("int f(int x) { int s = 0; for (int i = 0; i < 100; ++i) s += x; "
                    "return s + " +
                        std::to_string(i) + "; }",
                    "a" + std::to_string(i) + ".c"));
  }
  std::vector<std::thread> callers;
  for (int t = 0; t < 2; ++t) {
    callers.emplace_back([&] {
      std::vector<Function> functions;
      for (const Module& module : modules) functions.push_back(module.GetFunction("f"));
      while (!stop) {
        for (int i = 0; i < 8; ++i) wrong += functions[i](2).cast<int>() != 200 + i ? 1 : 0;
      }
    });
  }
  for (const Module& module : modules) jit::WaitOptimized(module);
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Tiers, ModulesMayBeDroppedWhileTheyAreOptimized) {
  for (int i = 0; i < 20; ++i) {
    const Function f = CompileAuto("int f(int x) { return x + 1; }", "a.c").GetFunction("f");
    EXPECT_EQ(f(i).cast<int>(), i + 1);
  }
}

TEST(Tiers, AnotherModuleLinksWithOneOfTiers) {
  const Module base = CompileAuto("int twice(int x) { return 2 * x; }", "base.c");
  const Module user = CompileAuto("int twice(int); int f(int x) { return twice(x) + 1; }", "user.c",
                                  {{"link", base}});
  EXPECT_EQ(user.GetFunction("f")(4).cast<int>(), 9);
  jit::WaitOptimized(base);
  jit::WaitOptimized(user);
  EXPECT_EQ(user.GetFunction("f")(4).cast<int>(), 9);
}

TEST(Tiers, SeveralSourcesMayHaveStaticsOfTheSameName) {
  const Module module = jit::Compile(
      std::vector<jit::NamedSource>{{"a.c", "static int n = 1; int next_a(void) { return ++n; }"},
                                    {"b.c", "static int n = 5; int next_b(void) { return ++n; }"}},
      {.exports = {"all"}, .more = {{"opt", "auto"}}});
  module.GetFunction("next_a")();
  module.GetFunction("next_b")();
  jit::WaitOptimized(module);
  EXPECT_EQ(module.GetFunction("next_a")().cast<int>(), 3);
  EXPECT_EQ(module.GetFunction("next_b")().cast<int>(), 7);
}

TEST(Tiers, TheFinalCodeIsWritten) {
  const Module module = CompileAuto(kCounters, "counters.c");
  jit::WaitOptimized(module);
  const Bytes bytes = module->SaveToBytes();
  const Module loaded =
      GlobalFunction::Get("ffi.Module.load_from_bytes.kiln_jit")(bytes).cast<Module>();
  // A module of its own, with variables of its own.
  EXPECT_EQ(loaded.GetFunction("next_hidden")().cast<int>(), 11);
  EXPECT_EQ(module.GetFunction("next_hidden")().cast<int>(), 11);
  EXPECT_EQ(module.GetFunction("next_hidden")().cast<int>(), 12);
}

TEST(Tiers, WhatOnlyTheOptimizerRemovesIsNoError) {
  // C99: an inline function without a definition elsewhere must be inlined.
  const Module module = CompileAuto(
      "inline int twice(int x) { return 2 * x; }\n"
      "int f(int x) { return twice(x) + 1; }\n",
      "inline.c");
  EXPECT_EQ(module.GetFunction("f")(4).cast<int>(), 9);
  EXPECT_TRUE(jit::WaitOptimized(module));
}

TEST(Tiers, SymbolsThatNobodyHasAreAnError) {
  EXPECT_THAT(ErrorOf([] { CompileAuto("int g(int); int f(int x) { return g(x); }", "a.c"); }),
              HasSubstr("LinkError"));
}

TEST(Tiers, ErrorsOfTheSourceAreRaisedByTheCompile) {
  EXPECT_THAT(ErrorOf([] { CompileAuto("int f(void) { return y; }", "bad.c"); }),
              HasSubstr("CompileError: bad.c"));
}

TEST(Tiers, UnknownWishesAreRefused) {
  EXPECT_THAT(ErrorOf([] { jit::Compile("int f;", {.name = "a.c", .more = {{"opt", "fast"}}}); }),
              HasSubstr("opt"));
}

}  // namespace
}  // namespace kiln::testing
