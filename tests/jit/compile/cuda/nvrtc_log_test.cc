#include "jit/compile/cuda/nvrtc_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

using testing::IsEmpty;

TEST(NvrtcLog, ReadsPlaceCaretAndFlag) {
  const auto diagnostics = ParseNvrtcLog(
      "k.cu(2): warning #177-D: variable \"unused\" was declared but never referenced\n"
      "    int unused;\n"
      "        ^\n"
      "\n"
      "Remark: The warnings can be suppressed with \"-diag-suppress <warning-number>\"\n"
      "\n"
      "1 error detected in the compilation of \"k.cu\".\n",
      "k.cu");
  ASSERT_EQ(diagnostics.size(), 1U);
  Diagnostic expected;
  expected.severity = Severity::kWarning;
  expected.file = "k.cu";
  expected.line = 2;
  expected.column = 7;
  expected.message = "variable \"unused\" was declared but never referenced";
  expected.option = "-diag-suppress=177";
  expected.source_line = "  int unused;";
  expected.caret = 6;
  EXPECT_EQ(diagnostics[0], expected);
}

TEST(NvrtcLog, ReadsFilesWithParenthesesAndColons) {
  const auto diagnostics = ParseNvrtcLog("a (1): b.cu(12): error: no\n", "k.cu");
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].file, "a (1): b.cu");
  EXPECT_EQ(diagnostics[0].line, 12U);
  EXPECT_EQ(diagnostics[0].message, "no");
}

TEST(NvrtcLog, CountsColumnsInBytes) {
  const auto diagnostics = ParseNvrtcLog(
      "k.cu(1): error: unrecognized token\n"
      "  int \xC3\xA9 = q;\n"
      "      ^\n",
      "k.cu");
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].column, 5U);
  EXPECT_EQ(diagnostics[0].source_line, "int \xC3\xA9 = q;");
}

TEST(NvrtcLog, PlacesInstantiationsInTheirOwnFiles) {
  const auto diagnostics = ParseNvrtcLog(
      "h.h(2): error: bad\n"
      "    T::x y;\n"
      "       ^\n"
      "          detected during:\n"
      "            instantiation of \"void f<T>() [with T=int]\" at line 4\n"
      "            instantiation of class \"C<T> [with T=int]\" at line 9 of \"k.cu\"\n",
      "k.cu");
  ASSERT_EQ(diagnostics.size(), 1U);
  ASSERT_EQ(diagnostics[0].notes.size(), 2U);
  EXPECT_EQ(diagnostics[0].notes[0].file, "h.h");
  EXPECT_EQ(diagnostics[0].notes[0].line, 4U);
  EXPECT_EQ(diagnostics[0].notes[1].file, "k.cu");
  EXPECT_EQ(diagnostics[0].notes[1].line, 9U);
}

TEST(NvrtcLog, KnowsTheAssemblersMessages) {
  const auto diagnostics = ParseNvrtcLog(
      "ptxas application ptx input, line 26; error   : Unknown symbol 'foo'\n"
      "ptxas error   : Entry function 'k' uses too much shared data (0x61a80 bytes, 0xc000 max)\n"
      "ptxas warning : Stack size cannot be determined\n"
      "ptxas info    : Used 8 registers\n"
      "ptxas fatal   : Ptx assembly aborted due to errors\n",
      "k.cu");
  ASSERT_EQ(diagnostics.size(), 5U);
  EXPECT_EQ(diagnostics[0].file, kPtxFile);
  EXPECT_EQ(diagnostics[0].line, 26U);
  EXPECT_EQ(diagnostics[0].message, "Unknown symbol 'foo'");
  const Severity severities[] = {Severity::kError, Severity::kError, Severity::kWarning,
                                 Severity::kRemark, Severity::kFatal};
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(diagnostics[i].severity, severities[i]) << i;
    EXPECT_EQ(diagnostics[i].option, "ptxas") << i;
  }
  EXPECT_EQ(diagnostics[1].file, "k.cu");
}

TEST(NvrtcLog, KeepsWhatHasNoPlace) {
  const auto diagnostics = ParseNvrtcLog(
      "At end of source: error: expected a \"}\"\n"
      "k.cu(1): note #3196-D: to match this \"{\"\n"
      "  __global__ void k() {\n"
      "                      ^\n"
      "\n"
      "Command-line error: invalid macro definition: A B\n"
      "something else\n",
      "k.cu");
  ASSERT_EQ(diagnostics.size(), 3U);
  EXPECT_EQ(diagnostics[0].message, "expected a \"}\"");
  ASSERT_EQ(diagnostics[0].notes.size(), 1U);
  EXPECT_EQ(diagnostics[0].notes[0].column, 21U);
  EXPECT_EQ(diagnostics[1].severity, Severity::kError);
  EXPECT_EQ(diagnostics[2].severity, Severity::kRemark);
  EXPECT_EQ(diagnostics[2].message, "something else");
}

TEST(NvrtcLog, TakesAnyText) {
  EXPECT_THAT(ParseNvrtcLog("", "k.cu"), IsEmpty());
  for (const char* log :
       {"(1): error: x", "k.cu(99999999999): error: x", "k.cu(1): warning #: y", "  ^", "ptxas ",
        "ptxas application ptx input, line ; error : x", "k.cu(1): error: x\n^\n",
        "k.cu(1): error: x\n ^\n", "k.cu(1): error", "__nv_name_map(1): error: x\n", "\n\n\t\n"}) {
    for (const Diagnostic& diagnostic : ParseNvrtcLog(log, "k.cu")) {
      EXPECT_FALSE(Format(diagnostic).empty()) << log;
    }
  }
}

}  // namespace
}  // namespace kiln::jit
