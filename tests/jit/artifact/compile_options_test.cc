#include "jit/artifact/compile_options.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/jit/artifact/thrown.h"

namespace kiln::jit {
namespace {

constexpr Language kC[] = {Language::kC};
constexpr Language kIr[] = {Language::kLlvmIr};

Thrown SetThrows(std::string_view name, const OptionValue& value) {
  CompileOptions options;
  return ThrownBy([&] { SetOption(&options, name, value); });
}

TEST(SetOption, SetsEveryKindOfField) {
  CompileOptions options;
  SetOption(&options, "opt_level", int64_t{3});
  SetOption(&options, "cpu", "x86-64-v3");
  SetOption(&options, "std", "c11");
  SetOption(&options, "fast_math", true);
  SetOption(&options, "defines", "A");
  SetOption(&options, "defines", "B=2");
  EXPECT_EQ(options.opt_level, 3);
  EXPECT_EQ(options.cpu, "x86-64-v3");
  EXPECT_EQ(options.standard, "c11");
  EXPECT_TRUE(options.fast_math);
  EXPECT_EQ(options.defines, (std::vector<std::string>{"A", "B=2"}));
}

TEST(SetOption, NamesTheNearestOptionForAnUnknownOne) {
  const Thrown thrown = SetThrows("opt_levl", int64_t{3});
  EXPECT_EQ(thrown.kind, "KeyError");
  EXPECT_TRUE(
      thrown.message.starts_with("unknown compile option 'opt_levl'; did you mean "
                                 "'opt_level'? options are: opt_level, opt, cpu, "))
      << thrown.message;
}

TEST(SetOption, RefusesValuesOutOfRange) {
  const Thrown level = SetThrows("opt_level", int64_t{7});
  EXPECT_EQ(level.kind, "ValueError");
  EXPECT_EQ(level.message, "opt_level must be an integer 0..3, got 7");
  EXPECT_EQ(SetThrows("opt_level", int64_t{-1}).kind, "ValueError");
  EXPECT_EQ(SetThrows("opt_level", int64_t{1} << 32).kind, "ValueError");

  const Thrown standard = SetThrows("std", "c++42");
  EXPECT_EQ(standard.kind, "ValueError");
  EXPECT_EQ(
      standard.message,
      "std must be one of 'c99', 'c11', 'c17', 'c18', 'c23', 'c2y', 'gnu99', 'gnu11', 'gnu17', "
      "'gnu18', 'gnu23', 'gnu2y', 'c++17', 'c++20', 'c++23', 'gnu++17', 'gnu++20', 'gnu++23', got "
      "'c++42'");
}

TEST(SetOption, RefusesValuesOfAnotherType) {
  const Thrown level = SetThrows("opt_level", "fast");
  EXPECT_EQ(level.kind, "TypeError");
  EXPECT_EQ(level.message, "opt_level must be an integer 0..3, got 'fast'");
  EXPECT_EQ(SetThrows("opt_level", true).kind, "TypeError");
  EXPECT_EQ(SetThrows("fast_math", int64_t{1}).kind, "TypeError");
  EXPECT_EQ(SetThrows("cpu", false).message, "cpu must be a string, got false");
}

TEST(SetOption, RefusesEmptyListItemsAndNulBytes) {
  EXPECT_EQ(SetThrows("defines", "").kind, "ValueError");
  EXPECT_EQ(SetThrows("defines", "=1").kind, "ValueError");
  EXPECT_EQ(SetThrows("cpu", std::string("a\0b", 3)).kind, "ValueError");
}

TEST(SetOptionFromText, ReadsTheTypeThatTheOptionHas) {
  CompileOptions options;
  SetOptionFromText(&options, "opt_level", "0");
  SetOptionFromText(&options, "system_headers", "off");
  SetOptionFromText(&options, "features", "+avx2");
  EXPECT_EQ(options.opt_level, 0);
  EXPECT_FALSE(options.system_headers);
  EXPECT_EQ(options.features, "+avx2");
  const Thrown thrown = ThrownBy([&] { SetOptionFromText(&options, "opt_level", "2x"); });
  EXPECT_EQ(thrown.message, "opt_level must be an integer 0..3, got '2x'");
}

TEST(CheckOptions, ChecksFieldsThatWereSetByHand) {
  CompileOptions options;
  CheckOptions(options, kC);
  options.opt_level = 9;
  EXPECT_EQ(ThrownBy([&] { CheckOptions(options, kC); }).message,
            "opt_level must be an integer 0..3, got 9");
}

TEST(CheckOptions, RefusesOptionsOfCForLlvm) {
  CompileOptions options;
  CheckOptions(options, kIr);
  options.defines = {"N=4"};
  const Thrown thrown = ThrownBy([&] { CheckOptions(options, kIr); });
  EXPECT_EQ(thrown.kind, "ValueError");
  EXPECT_EQ(thrown.message, "option defines has no meaning for language 'llvm-ir': leave it out");
}

TEST(CheckOptions, AnOptionMustMeanSomethingToOneOfTheLanguages) {
  CompileOptions options;
  options.defines = {"N=4"};
  constexpr Language kBoth[] = {Language::kLlvmIr, Language::kCxx};
  CheckOptions(options, kBoth);
  constexpr Language kNeither[] = {Language::kLlvmIr, Language::kObject};
  EXPECT_EQ(ThrownBy([&] { CheckOptions(options, kNeither); }).message,
            "option defines has no meaning for language 'llvm-ir', 'object': leave it out");
}

TEST(SetOption, SetsEntriesOfMaps) {
  CompileOptions options;
  SetOption(&options, "headers", OptionEntry{"n.h", "#define N 4"});
  SetOption(&options, "symbols", OptionEntry{"f", uint64_t{0x1000}});
  SetOptionFromText(&options, "headers", "m.h=#define M=5");
  SetOptionFromText(&options, "symbols", "g=0xff");
  EXPECT_EQ(options.headers, (TextMap{{"n.h", "#define N 4"}, {"m.h", "#define M=5"}}));
  EXPECT_EQ(options.symbols, (AddressMap{{"f", 0x1000}, {"g", 255}}));
  EXPECT_EQ(SetThrows("headers", "n.h").message,
            "headers must be a map of names to texts, got 'n.h'");
  EXPECT_EQ(SetThrows("symbols", OptionEntry{"f", "text"}).kind, "TypeError");
  EXPECT_EQ(SetThrows("headers", OptionEntry{"", "text"}).kind, "ValueError");
}

TEST(OptionTable, DescribesEveryOption) {
  std::set<std::string_view> names;
  for (const OptionSpec& spec : OptionTable()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_FALSE(spec.meaning.empty()) << spec.name;
    EXPECT_FALSE(ExpectedValue(spec).empty()) << spec.name;
  }
  EXPECT_EQ(DefaultValue(OptionTable()[0]), "2");
  EXPECT_EQ(DefaultValue(OptionTable()[2]), "native");
}

}  // namespace
}  // namespace kiln::jit
