#include "jit/cli/option_table.h"

#include <string>

#include <gtest/gtest.h>

#include <kiln/map.h>

namespace kiln::cli {
namespace {

constexpr std::string_view kTable = R"([
  {"name": "opt_level", "type": "int", "expected": "an integer 0..3", "default": "2",
   "meaning": "how hard to optimise"},
  {"name": "fast_math", "type": "bool", "expected": "a boolean", "default": "false",
   "meaning": "reorder floating point"},
  {"name": "defines", "type": "list", "expected": "a string", "default": "",
   "meaning": "a macro"},
  {"name": "headers", "type": "map", "expected": "a map of names to texts", "default": "",
   "meaning": "headers in memory"},
  {"name": "symbols", "type": "map", "expected": "a map of names to addresses", "default": "",
   "meaning": "symbols"}])";

Any Value(std::string_view text) { return ParseOption(ParseOptionTable(kTable), text).second; }

TEST(ParseOption, TypesTheValueByTheTable) {
  EXPECT_EQ(Value("opt_level=3").type_index(), kTVMFFIInt);
  EXPECT_EQ(Value("opt_level=-1").cast<int>(), -1);
  EXPECT_EQ(Value("fast_math=on").type_index(), kTVMFFIBool);
  EXPECT_FALSE(Value("fast_math=0").cast<bool>());
  EXPECT_EQ(Value("defines=1").cast<std::string>(), "1");
}

TEST(ParseOption, SplitsAtTheFirstEqualsSign) {
  const auto [name, value] = ParseOption(ParseOptionTable(kTable), "defines=N=4");
  EXPECT_EQ(name, "defines");
  EXPECT_EQ(value.cast<std::string>(), "N=4");
}

TEST(ParseOption, LeavesWhatTheEngineJudgesAsText) {
  EXPECT_EQ(Value("opt_level=fast").cast<std::string>(), "fast");
  EXPECT_EQ(Value("opt_level=").cast<std::string>(), "");
  EXPECT_EQ(Value("fast_math=2").cast<std::string>(), "2");
  EXPECT_EQ(Value("unknown=3").cast<std::string>(), "3");
}

TEST(ParseOption, MakesAMapOfOneEntry) {
  EXPECT_EQ((Value("headers=k.h=#define N 4").cast<Map<String, String>>()["k.h"]), "#define N 4");
  EXPECT_EQ((Value("symbols=f=0x7F01").cast<Map<String, int64_t>>()["f"]), 0x7F01);
  EXPECT_EQ((Value("symbols=f=0xFFFFFFFFFFFFFFFF").cast<Map<String, int64_t>>()["f"]), -1);
  EXPECT_EQ((Value("symbols=f=12").cast<Map<String, int64_t>>()["f"]), 12);
  EXPECT_EQ((Value("symbols=f=0x").cast<Map<String, String>>()["f"]), "0x");
  EXPECT_EQ(Value("headers=k.h").cast<std::string>(), "k.h");
}

TEST(ParseOption, NeedsANameAndAnEqualsSign) {
  EXPECT_THROW(Value("defines"), Error);
  EXPECT_THROW(Value("=3"), Error);
  EXPECT_THROW(Value(""), Error);
}

TEST(OptionTable, ListsNameMeaningValuesAndDefault) {
  EXPECT_EQ(OptionTableText(ParseOptionTable(kTable)),
            "  opt_level  how hard to optimise\n"
            "             an integer 0..3; default 2\n"
            "  fast_math  reorder floating point\n"
            "             a boolean; default false\n"
            "  defines    a macro\n"
            "             a string; one --option for each\n"
            "  headers    headers in memory\n"
            "             a map of names to texts; one --option headers=KEY=VALUE for each\n"
            "  symbols    symbols\n"
            "             a map of names to addresses; one --option symbols=KEY=VALUE for each\n");
}

TEST(OptionTable, UnreadableTextIsAnError) {
  EXPECT_THROW(ParseOptionTable(""), Error);
  EXPECT_THROW(ParseOptionTable("[{}]"), Error);
  EXPECT_THROW(ParseOptionTable(R"([{"name": 3}])"), Error);
}

}  // namespace
}  // namespace kiln::cli
