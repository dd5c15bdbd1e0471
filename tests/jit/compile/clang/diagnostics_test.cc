// What a diagnostic of Clang tells beside its text: range, flag, notes, fix-its.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

std::vector<Diagnostic> ErrorsOf(std::string text, CompileOptions options = {}) {
  const Thrown thrown = ThrownBy([&] { CompileC(std::move(text), options); });
  EXPECT_EQ(thrown.kind, "CompileError");
  return DiagnosticsFromJson(thrown.context);
}

CompileOptions WithFlags(std::vector<std::string> flags) {
  CompileOptions options;
  options.flags = std::move(flags);
  return options;
}

// `text` after the fix-its, which are all on lines of their own file.
std::string Fixed(const std::string& text, const Diagnostic& diagnostic) {
  const auto offset = [&](uint32_t line, uint32_t column) {
    size_t at = 0;
    for (uint32_t i = 1; i < line; ++i) at = text.find('\n', at) + 1;
    return at + column - 1;
  };
  std::string fixed = text;
  for (auto fixit = diagnostic.fixits.rbegin(); fixit != diagnostic.fixits.rend(); ++fixit) {
    const size_t begin = offset(fixit->line, fixit->column);
    const size_t end = offset(fixit->end_line, fixit->end_column);
    fixed.replace(begin, end - begin, fixit->text);
  }
  return fixed;
}

TEST(ClangDiagnostics, AnErrorHasItsRangeAndItsNotes) {
  const auto errors = ErrorsOf("int f(int x);\nint g(void) { return f(1, (2 + 3)); }\n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].line, 2u);
  EXPECT_EQ(errors[0].column, 27u);
  EXPECT_EQ(errors[0].end_line, 2u);
  EXPECT_EQ(errors[0].end_column, 34u);
  EXPECT_EQ(errors[0].option, "");
  ASSERT_EQ(errors[0].notes.size(), 1u);
  EXPECT_EQ(errors[0].notes[0].severity, Severity::kNote);
  EXPECT_EQ(errors[0].notes[0].message, "'f' declared here");
  EXPECT_EQ(errors[0].notes_before, 0u);
}

TEST(ClangDiagnostics, ARangeMayEndOnALaterLine) {
  const auto errors = ErrorsOf("int f(int x);\nint g(void) { return f(1, (2 +\n  3)); }\n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].line, 2u);
  EXPECT_EQ(errors[0].end_line, 3u);
  EXPECT_EQ(errors[0].end_column, 5u);
}

TEST(ClangDiagnostics, AWarningNamesTheFlagThatControlsIt) {
  const auto warnings = CompileC("void f(void) { int x; }", WithFlags({"-Wall"})).warnings;
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].option, "-Wunused-variable");
  EXPECT_TRUE(CompileC("void f(void) { int x; }", WithFlags({"-Wall", "-Wno-unused-variable"}))
                  .warnings.empty());
}

TEST(ClangDiagnostics, AnErrorThatAFlagMakesNamesTheFlag) {
  const auto errors = ErrorsOf("void f(void) { int x; }", WithFlags({"-Wall", "-Werror"}));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].severity, Severity::kError);
  EXPECT_EQ(errors[0].option, "-Wunused-variable");
  EXPECT_EQ(ErrorsOf("void f(void) { g(); }")[0].option, "-Wimplicit-function-declaration");
}

TEST(ClangDiagnostics, FixItsRepairTheSource) {
  for (const char* text : {
           "struct S { int field; };\nint f(struct S* s) { return s.field; }\n",
           "int f(void) { return 3 }\n",
           "int value;\nint f(void) { return valeu; }\n",
           "/* \xC3\xA9\xC3\xA9 */ int f(void) { return 3 }\n",
       }) {
    const auto errors = ErrorsOf(text);
    ASSERT_EQ(errors.size(), 1u) << text;
    ASSERT_FALSE(errors[0].fixits.empty()) << text;
    EXPECT_TRUE(CompileC(Fixed(text, errors[0])).warnings.empty()) << Fixed(text, errors[0]);
  }
}

TEST(ClangDiagnostics, FixItsOnANoteStayWithTheNote) {
  const auto warnings = CompileC("int f(int a) { if (a = 3) return 1; return 2; }").warnings;
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(warnings[0].fixits.empty());
  ASSERT_EQ(warnings[0].notes.size(), 2u);
  EXPECT_EQ(warnings[0].notes[0].fixits.size(), 2u);
  ASSERT_EQ(warnings[0].notes[1].fixits.size(), 1u);
  EXPECT_EQ(warnings[0].notes[1].fixits[0].text, "==");
}

TEST(ClangDiagnostics, ColumnsAndRangesCountBytes) {
  const auto errors = ErrorsOf("const char* s = \"\xE2\x82\xAC\xE2\x82\xAC\"; int i = *nothing;\n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].column, 36u);
  EXPECT_EQ(errors[0].source_line.substr(errors[0].caret, 7), "nothing");
}

TEST(ClangDiagnostics, AMacroIsANoteAndGetsNoFixIt) {
  const auto errors = ErrorsOf(
      "struct S { int field; };\n"
      "#define GET(s) (s.field + missing)\n"
      "int f(struct S* s) { return GET(s); }\n");
  ASSERT_EQ(errors.size(), 2u);
  for (const Diagnostic& error : errors) {
    EXPECT_EQ(error.line, 3u);
    ASSERT_EQ(error.notes.size(), 1u);
    EXPECT_EQ(error.notes[0].message, "expanded from macro 'GET'");
    EXPECT_EQ(error.notes[0].line, 2u);
    EXPECT_TRUE(error.fixits.empty());
  }
}

TEST(ClangDiagnostics, TheIncludesComeBeforeAMessageInAHeader) {
  CompileOptions options;
  options.headers = {{"outer.h", "\n#include \"inner.h\"\n"}, {"inner.h", "int x = y\n;\n"}};
  const Thrown thrown = ThrownBy([&] { CompileC("#include \"outer.h\"\n", options); });
  const auto errors = DiagnosticsFromJson(thrown.context);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_TRUE(errors[0].file.ends_with("inner.h")) << errors[0].file;
  ASSERT_EQ(errors[0].notes.size(), 2u);
  EXPECT_EQ(errors[0].notes_before, 2u);
  EXPECT_LT(thrown.message.find("note: in file included from"), thrown.message.find("error: use"));
}

TEST(ClangDiagnostics, LinesThatADirectiveMovesGetNoFixIt) {
  const auto errors = ErrorsOf("#line 100 \"model.py\"\nint f(void) { return 3 }\n");
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].file, "model.py");
  EXPECT_EQ(errors[0].line, 100u);
  EXPECT_TRUE(errors[0].fixits.empty());
  EXPECT_TRUE(ErrorsOf("#line 100\nint f(void) { return 3 }\n")[0].fixits.empty());
}

TEST(ClangDiagnostics, NotesOfDroppedWarningsAreDroppedToo) {
  std::string text;
  for (int i = 0; i < 150; ++i) {
    text += "int f" + std::to_string(i) + "(int a) { if (a = 3) return 1; return 2; }\n";
  }
  const auto warnings = CompileC(text).warnings;
  ASSERT_EQ(warnings.size(), 100u);
  for (const Diagnostic& warning : warnings) EXPECT_EQ(warning.notes.size(), 2u);
}

TEST(ClangDiagnostics, BadAssemblyKeepsItsLineAsANote) {
  const auto errors = ErrorsOf("int f(void) {\n  __asm__(\"frobnicate %eax\");\n}\n");
  ASSERT_FALSE(errors.empty());
  const Diagnostic& error = errors.back();
  EXPECT_EQ(error.line, 2u);
  ASSERT_EQ(error.notes.size(), 1u);
  EXPECT_EQ(error.notes[0].file, "<inline asm>");
  EXPECT_TRUE(Contains(error.notes[0].source_line, "frobnicate %eax"));
}

TEST(ClangDiagnostics, HostileSourcesGiveJsonThatReadsBack) {
  for (const std::string& text : {
           std::string("#define A B\n#define B A\nint x = A(A(;"),
           std::string("#line 4294967295 \"\xFF\"\nint \xC3\x28 = ;"),
           "int x = " + std::string(200, '(') + ";",
           "/* " + std::string(100000, '\xFF') + " */ int x = y;",
           std::string("#include __FILE__\n"),
           std::string("#define E(x) x x\nint y = E(E(E(E(E(E(E(q)))))));\n"),
       }) {
    const auto errors = ErrorsOf(text);
    EXPECT_TRUE(HasError(errors));
    for (const Diagnostic& error : errors) EXPECT_NE(error.severity, Severity::kNote);
    EXPECT_EQ(DiagnosticsFromJson(ToJson(errors)), errors);
  }
}

}  // namespace
}  // namespace kiln::jit
