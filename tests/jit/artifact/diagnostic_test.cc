#include "jit/artifact/diagnostic.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/jit/artifact/thrown.h"

namespace kiln::jit {
namespace {

Diagnostic At(uint32_t line, uint32_t column, std::string_view source_line) {
  Diagnostic diagnostic;
  diagnostic.file = "k.c";
  diagnostic.line = line;
  diagnostic.column = column;
  diagnostic.message = "message";
  QuoteLine(&diagnostic, source_line);
  return diagnostic;
}

Diagnostic Note(std::string message) {
  Diagnostic note;
  note.severity = Severity::kNote;
  note.message = std::move(message);
  return note;
}

TEST(Diagnostic, FormatsPlaceMessageLineAndCaret) {
  EXPECT_EQ(Format(At(3, 5, "int x = y;")),
            "k.c:3:5: error: message\n"
            "  int x = y;\n"
            "      ^");
}

TEST(Diagnostic, CaretStandsBelowItsColumnAfterTabsAndWideCharacters) {
  EXPECT_EQ(Format(At(1, 3, "\t\tx")), "k.c:1:3: error: message\n  \t\tx\n  \t\t^");
  // Two bytes, one character.
  EXPECT_EQ(Format(At(1, 5, "\xC3\xA9\xC3\xA9x")),
            "k.c:1:5: error: message\n  \xC3\xA9\xC3\xA9x\n    ^");
}

TEST(Diagnostic, FormatsWithoutAPlace) {
  Diagnostic diagnostic;
  diagnostic.severity = Severity::kWarning;
  diagnostic.message = "of no line";
  EXPECT_EQ(Format(diagnostic), "warning: of no line");
  diagnostic.file = "k.ll";
  EXPECT_EQ(Format(diagnostic), "k.ll: warning: of no line");
}

TEST(Diagnostic, FormatsNotesWhereTheyBelong) {
  Diagnostic diagnostic = At(1, 1, "");
  diagnostic.notes = {Note("an include"), Note("a macro"), Note("a declaration")};
  diagnostic.notes_before = 1;
  EXPECT_EQ(Format(diagnostic),
            "note: an include\nk.c:1:1: error: message\nnote: a macro\nnote: a declaration");
  diagnostic.notes_before = 100;
  EXPECT_TRUE(Format(diagnostic).ends_with("note: a declaration\nk.c:1:1: error: message"));
}

TEST(Diagnostic, CutsALongLineToAWindowAroundTheColumn) {
  const std::string line = std::string(500'000, 'a') + "HERE" + std::string(500'000, 'b');
  const Diagnostic diagnostic = At(1, 500'001, line);
  EXPECT_LE(diagnostic.source_line.size(), 160u);
  EXPECT_EQ(diagnostic.source_line.substr(diagnostic.caret, 4), "HERE");
}

TEST(Diagnostic, CutsALongLineBetweenCharacters) {
  std::string line;
  for (int i = 0; i < 1000; ++i) line += "\xE2\x82\xAC";  // three bytes each
  for (const uint32_t column : {1u, 301u, 1501u, 2998u}) {
    const Diagnostic diagnostic = At(1, column, line);
    EXPECT_FALSE(Contains(diagnostic.source_line, "?")) << column;
    EXPECT_EQ(diagnostic.source_line.substr(diagnostic.caret, 3), "\xE2\x82\xAC") << column;
  }
}

TEST(Diagnostic, ColumnPastTheEndOfTheLineIsItsEnd) {
  EXPECT_EQ(At(1, 100, "int x").caret, 5u);
  EXPECT_EQ(At(1, 1, "").source_line, "");
}

TEST(Diagnostic, ShowsBytesThatAreNoTextAsQuestionMarks) {
  const Diagnostic diagnostic = At(1, 4, std::string("a\x01\xFF", 3) + "b\xC3");
  EXPECT_EQ(diagnostic.source_line, "a??b?");
  EXPECT_EQ(diagnostic.caret, 3u);
}

TEST(LineOf, FindsLinesByNumber) {
  EXPECT_EQ(LineOf("one\ntwo\r\nthree", 1), "one");
  EXPECT_EQ(LineOf("one\ntwo\r\nthree", 2), "two");
  EXPECT_EQ(LineOf("one\ntwo\r\nthree", 3), "three");
  EXPECT_EQ(LineOf("one\ntwo\r\nthree", 4), "");
}

TEST(CompileErrorOf, CountsAndThenListsEveryDiagnostic) {
  Diagnostic warning = At(1, 1, "w");
  warning.severity = Severity::kWarning;
  Diagnostic note = At(2, 1, "n");
  note.severity = Severity::kNote;
  Diagnostic error_with_note = At(3, 1, "a");
  error_with_note.notes = {note};
  const kiln::Error error = CompileErrorOf("k.c", {error_with_note, warning, At(4, 1, "b")});
  EXPECT_EQ(error.kind(), "CompileError");
  EXPECT_EQ(error.message(),
            "k.c: 2 errors, 1 warning\n"
            "k.c:3:1: error: message\n  a\n  ^\n"
            "k.c:2:1: note: message\n  n\n  ^\n"
            "k.c:1:1: warning: message\n  w\n  ^\n"
            "k.c:4:1: error: message\n  b\n  ^");
}

TEST(CompileErrorOf, CarriesTheDiagnosticsAsJson) {
  const std::vector<Diagnostic> diagnostics = {At(3, 1, "a"), At(4, 1, "b")};
  EXPECT_EQ(ThrownBy([&] { throw CompileErrorOf("k.c", diagnostics); }).context,
            ToJson(diagnostics));
  EXPECT_EQ(CompileErrorOf("k.c", {}).extra_context().get(), nullptr);
}

TEST(AddDiagnostic, GivesNotesToTheMessageBeforeThem) {
  std::vector<Diagnostic> diagnostics;
  AddDiagnostic(&diagnostics, Note("without a message"));
  AddDiagnostic(&diagnostics, Note("the next"));
  AddDiagnostic(&diagnostics, At(1, 1, "a"));
  AddDiagnostic(&diagnostics, Note("first"));
  AddDiagnostic(&diagnostics, Note("second"));
  ASSERT_EQ(diagnostics.size(), 3u);
  EXPECT_TRUE(diagnostics[0].notes.empty());
  EXPECT_EQ(diagnostics[2].notes, (std::vector<Diagnostic>{Note("first"), Note("second")}));
}

TEST(HasError, LooksForErrorsAlone) {
  Diagnostic warning;
  warning.severity = Severity::kWarning;
  EXPECT_FALSE(HasError({warning}));
  EXPECT_TRUE(HasError({warning, Diagnostic{}}));
}

}  // namespace
}  // namespace kiln::jit
