#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "jit/artifact/diagnostic.h"

namespace kiln::jit {
namespace {

Diagnostic Sample() {
  Diagnostic note;
  note.severity = Severity::kNote;
  note.file = "k.h";
  note.message = "declared here";
  Diagnostic diagnostic;
  diagnostic.severity = Severity::kWarning;
  diagnostic.file = "k.c";
  diagnostic.line = 3;
  diagnostic.column = 9;
  diagnostic.end_line = 3;
  diagnostic.end_column = 10;
  diagnostic.message = "unused variable \"x\"";
  diagnostic.option = "-Wunused-variable";
  QuoteLine(&diagnostic, "    int x;");
  diagnostic.notes = {note};
  diagnostic.notes_before = 1;
  diagnostic.fixits = {{.line = 3, .column = 5, .end_line = 3, .end_column = 11, .text = ""}};
  return diagnostic;
}

// The exceptions of JSON are not kiln::Error: what reads a file says which file it was.
bool IsRefused(std::string_view json) {
  try {
    DiagnosticsFromJson(json);
  } catch (const std::exception&) {
    return true;
  }
  return false;
}

TEST(DiagnosticJson, HasTheShapeThatTheHeaderSays) {
  EXPECT_EQ(ToJson({Sample()}),
            R"([{"severity":"warning","file":"k.c","line":3,"column":9,"end_line":3,)"
            R"("end_column":10,"message":"unused variable \"x\"","option":"-Wunused-variable",)"
            R"("source_line":"    int x;","caret":8,)"
            R"("fixits":[{"line":3,"column":5,"end_line":3,"end_column":11,"text":""}],)"
            R"("notes_before":1,)"
            R"("notes":[{"severity":"note","file":"k.h","line":0,"column":0,"end_line":0,)"
            R"("end_column":0,"message":"declared here","option":"","source_line":"","caret":0,)"
            R"("fixits":[]}]}])");
  EXPECT_EQ(ToJson({}), "[]");
}

TEST(DiagnosticJson, ComesBackAsItWas) {
  for (const Severity severity : {Severity::kNote, Severity::kRemark, Severity::kWarning,
                                  Severity::kError, Severity::kFatal}) {
    Diagnostic diagnostic = Sample();
    diagnostic.severity = severity;
    const std::vector<Diagnostic> diagnostics = {diagnostic, Diagnostic{}};
    EXPECT_EQ(DiagnosticsFromJson(ToJson(diagnostics)), diagnostics);
  }
  EXPECT_TRUE(DiagnosticsFromJson("[]").empty());
}

TEST(DiagnosticJson, BytesThatAreNoTextAreReplaced) {
  Diagnostic diagnostic;
  diagnostic.message = "a\xFF\xC3z";
  EXPECT_EQ(DiagnosticsFromJson(ToJson({diagnostic}))[0].message, "a\uFFFD\uFFFDz");
}

TEST(DiagnosticJson, AnyBytesMakeJsonThatReadsBack) {
  std::mt19937_64 random(20240607);
  const auto text = [&] {
    std::string bytes(random() % 40, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
  };
  for (int i = 0; i < 300; ++i) {
    Diagnostic diagnostic = Sample();
    diagnostic.file = text();
    diagnostic.message = text();
    diagnostic.option = text();
    diagnostic.column = static_cast<uint32_t>(random());
    QuoteLine(&diagnostic, text());
    diagnostic.fixits[0].text = text();
    diagnostic.notes[0].message = text();
    const std::string json = ToJson({diagnostic});
    EXPECT_EQ(ToJson(DiagnosticsFromJson(json)), json);
  }
}

TEST(DiagnosticJson, OtherTextIsRefused) {
  const std::string good = ToJson({Sample()});
  for (size_t size = 0; size < good.size(); ++size) EXPECT_TRUE(IsRefused(good.substr(0, size)));
  for (const char* json : {"{}", "3", "null", "[3]", "[{}]", "[[]]"}) EXPECT_TRUE(IsRefused(json));

  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = good;
    return changed.replace(changed.find(from), from.size(), to);
  };
  EXPECT_TRUE(IsRefused(with("\"warning\"", "\"catastrophe\"")));
  EXPECT_TRUE(IsRefused(with("\"line\":3", "\"line\":\"3\"")));
  for (const char* number : {"-3", "3.0", "1e99", "4294967296", "null"}) {
    EXPECT_TRUE(IsRefused(with("\"line\":3", std::string("\"line\":") + number))) << number;
  }
  EXPECT_TRUE(IsRefused(with("\"notes_before\":1", "\"notes_before\":2")));
  EXPECT_TRUE(IsRefused(with("\"caret\"", "\"carrot\"")));
}

TEST(DiagnosticJson, DeepNestingIsRefused) {
  const std::string deep(1'000'000, '[');
  EXPECT_TRUE(IsRefused(deep));
  EXPECT_TRUE(IsRefused(deep + std::string(1'000'000, ']')));
}

}  // namespace
}  // namespace kiln::jit
