// `kiln run --try`.
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command_line.h"

namespace kiln::testing {
namespace {

using Json = nlohmann::json;

class KilnTry : public CommandTest {
 protected:
  KilnTry() {
    Write("k.c", kKernels);
    Write("bad.c",
          "#include <stdio.h>\n"
          "void crash(void) {\n  puts(\"before\");\n  *(volatile int*)8 = 1;\n}\n"
          "void spin(void) {\n  volatile int x = 1;\n  while (x) {}\n}\n");
  }
};

TEST_F(KilnTry, PrintsWhatRunPrints) {
  const Ended ended =
      Kiln({"run", "k.c", "--fn", "add_one", "f32[2]=1,2", "f32[2]=zeros", "--try"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, Kiln({"run", "k.c", "--fn", "add_one", "f32[2]=1,2", "f32[2]=zeros"}).out);
}

TEST_F(KilnTry, ACrashIsAnErrorAfterWhatWasPrinted) {
  const Ended ended = Kiln({"run", "bad.c", "--fn", "crash", "--try"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "before\n");
  EXPECT_EQ(ended.err,
            "kiln: error: RuntimeError: 'crash' died in 'crash' (bad.c:4) of SIGSEGV: it touched "
            "memory at 0x8, which it may not\n");
}

TEST_F(KilnTry, JsonTellsAllOfIt) {
  const Ended ended = Kiln({"run", "bad.c", "--fn", "crash", "--try", "--json"});
  EXPECT_EQ(ended.status, 1);
  const Json report = Json::parse(ended.out);
  EXPECT_EQ(report["ok"], false);
  EXPECT_EQ(report["status"], "died");
  EXPECT_EQ(report["signal_name"], "SIGSEGV");
  EXPECT_EQ(report["address"], 8);
  EXPECT_EQ(report["line"], 4);
  EXPECT_EQ(report["stdout"], "before\n");
  const Json well = Json::parse(Kiln({"run", "k.c", "--fn", "echo", "7", "--try", "--json"}).out);
  EXPECT_EQ(well["ok"], true);
  EXPECT_EQ(well["result"], 7);
  EXPECT_TRUE(well["error"].is_null());
}

TEST_F(KilnTry, OptionsLimitIt) {
  const Ended ended = Kiln({"run", "bad.c", "--fn", "spin", "--try", "--option", "timeout_ms=300"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(ended.err.starts_with("kiln: error: TimeoutError: 'spin' did not end within"))
      << ended.err;
}

TEST_F(KilnTry, WhatHasNoMeaningIsRefused) {
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "7", "--try", "--repeat", "3"}).err,
            "kiln: error: ValueError: --try calls the function once: leave --repeat and --time "
            "out\n");
  EXPECT_EQ(Kiln({"run", "k.kiln", "--fn", "echo", "7", "--try"}).err,
            "kiln: error: ValueError: --try takes sources, and 'k.kiln' is compiled: give what it "
            "was made of\n");
}

}  // namespace
}  // namespace kiln::testing
