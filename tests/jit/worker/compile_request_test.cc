#include "jit/worker/compile_request.h"

#include <gtest/gtest.h>

#include "tests/jit/error_of.h"

namespace kiln::jit {
namespace {

using kiln::testing::ErrorOf;

// A value of each option that is not its default.
CompileOptions AllChanged() {
  CompileOptions options;
  for (const OptionSpec& spec : OptionTable()) {
    if (const auto* flag = std::get_if<bool CompileOptions::*>(&spec.field)) {
      options.** flag = !(options.**flag);
    } else if (const auto* number = std::get_if<int CompileOptions::*>(&spec.field)) {
      options.** number = spec.min + (options.**number == spec.min ? 1 : 0);
    } else if (const auto* text = std::get_if<std::string CompileOptions::*>(&spec.field)) {
      options.** text = spec.values.empty() ? "some text" : std::string(spec.values.back());
    } else if (const auto* list =
                   std::get_if<std::vector<std::string> CompileOptions::*>(&spec.field)) {
      options.** list = {std::string(spec.values.empty() ? "one" : spec.values.front()),
                         std::string(spec.values.empty() ? "two" : spec.values.back())};
    } else if (const auto* texts = std::get_if<TextMap CompileOptions::*>(&spec.field)) {
      options.** texts = {{"a.h", "#define A\n"}, {"b.h", ""}};
    } else {
      options.*std::get<AddressMap CompileOptions::*>(spec.field) = {{"f", uint64_t{1} << 63}};
    }
  }
  return options;
}

TEST(CompileRequest, EveryOptionArrives) {
  const CompileRequest sent{
      {{Language::kC, "k.c", "int x;"}, {Language::kObject, "k.o", std::string("\x7F\0ELF", 5)}},
      AllChanged(),
      "/tmp",
      true,
      77};
  const CompileRequest got = ParseRequest(SerializeRequest(sent));
  ASSERT_EQ(got.sources.size(), 2u);
  EXPECT_EQ(got.sources[0].text, "int x;");
  EXPECT_EQ(got.sources[1].language, Language::kObject);
  EXPECT_EQ(got.sources[1].text, sent.sources[1].text);
  EXPECT_TRUE(got.options == sent.options);
  EXPECT_EQ(got.folder, "/tmp");
  EXPECT_TRUE(got.with_stages);
  EXPECT_EQ(got.max_memory_mb, 77);
}

TEST(CompileRequest, DefaultsArriveAsDefaults) {
  const CompileRequest got = ParseRequest(SerializeRequest({{}, CompileOptions(), "", false, 0}));
  EXPECT_TRUE(got.options == CompileOptions());
}

TEST(CompileRequest, AnAnswerBringsTheReport) {
  Artifact artifact;
  artifact.name = "k.c";
  artifact.objects = {"bytes"};
  artifact.exports = {"f"};
  CompileReport report;
  report.times.Add("parse", std::chrono::microseconds(5));
  report.stages = StageTexts{"ir", "optimised", "assembly", ""};
  const std::string bytes = SerializeAnswer(artifact, report);
  CompileReport got;
  EXPECT_TRUE(ParseAnswer(bytes, &got) == artifact);
  ASSERT_EQ(got.times.phases().size(), 1u);
  EXPECT_EQ(got.times.phases()[0].name, "parse");
  EXPECT_EQ(got.times.phases()[0].time, std::chrono::microseconds(5));
  ASSERT_TRUE(got.stages);
  EXPECT_EQ(got.stages->optimized_ir, "optimised");
}

TEST(CompileRequest, DamagedAnswersAreRefusedAtEveryLength) {
  Artifact artifact;
  artifact.name = "k.c";
  const std::string bytes = SerializeAnswer(artifact, CompileReport());
  for (size_t size = 0; size < bytes.size(); ++size) {
    CompileReport report;
    EXPECT_NE(ErrorOf([&] { ParseAnswer(bytes.substr(0, size), &report); }), "no error");
  }
}

}  // namespace
}  // namespace kiln::jit
