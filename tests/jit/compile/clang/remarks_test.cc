#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

constexpr char kLoops[] =
    "#include <math.h>\n"
    "void saxpy(float a, const float* restrict x, float* restrict y, long n) {\n"
    "  for (long i = 0; i < n; ++i) {\n"
    "    y[i] += a * x[i];\n"
    "  }\n"
    "}\n"
    "float chain(const float* x, long n) {\n"
    "  float s = 0;\n"
    "  for (long i = 0; i < n; ++i) s += x[i];\n"
    "  return s;\n"
    "}\n"
    "static int twice(int x) { return 2 * x; }\n"
    "int call(int x) { return twice(x); }\n"
    "__attribute__((noinline)) float apart(float x) { return x * x; }\n"
    "float calls(float x) { return apart(x) + 1; }\n"
    "void loads(float* y, const float* n) {\n"
    "  for (long i = 0; i < 100; ++i) y[i] = sinf(*n);\n"
    "}\n";

CompileOptions WithRemarks(int opt_level = 2) {
  CompileOptions options = AtLevel(opt_level);
  options.cpu = "x86-64-v3";
  options.remarks = true;
  return options;
}

std::vector<Diagnostic> RemarksOf(const std::string& text, const CompileOptions& options) {
  return CompileC(text, options).warnings;
}

const Diagnostic* Find(const std::vector<Diagnostic>& remarks, std::string_view pass, uint32_t line,
                       std::string_view message) {
  for (const Diagnostic& remark : remarks) {
    if (remark.option == pass && remark.line == line &&
        Contains(remark.message, std::string(message))) {
      return &remark;
    }
  }
  ADD_FAILURE() << "no remark of " << pass << " at line " << line << ": " << message;
  for (const Diagnostic& remark : remarks) {
    ADD_FAILURE() << remark.option << ": " << Format(remark);
  }
  return nullptr;
}

TEST(ClangRemarks, SayWhichLoopsWereVectorised) {
  const auto remarks = RemarksOf(kLoops, WithRemarks());
  const Diagnostic* remark = Find(remarks, "loop-vectorize", 3, "vectorized loop");
  ASSERT_NE(remark, nullptr);
  EXPECT_EQ(remark->severity, Severity::kRemark);
  EXPECT_EQ(remark->file, "k.c");
  EXPECT_EQ(remark->column, 3u);
  EXPECT_TRUE(Format(*remark).ends_with("\n    for (long i = 0; i < n; ++i) {\n    ^"));
}

TEST(ClangRemarks, SayWhyALoopWasNotVectorised) {
  const auto remarks = RemarksOf(kLoops, WithRemarks());
  Find(remarks, "loop-vectorize", 9, "loop not vectorized: cannot prove it is safe to reorder");
  EXPECT_EQ(std::count_if(remarks.begin(), remarks.end(),
                          [](const Diagnostic& remark) {
                            return remark.line == 17 && remark.message == "loop not vectorized";
                          }),
            0);
}

TEST(ClangRemarks, SayWhichCallsWereInlinedAndWhyNot) {
  const auto remarks = RemarksOf(kLoops, WithRemarks());
  Find(remarks, "inline", 13, "'twice' inlined into 'call'");
  Find(remarks, "inline", 15, "'apart' not inlined into 'calls' because it should never be");
}

TEST(ClangRemarks, NameALoadThatStaysInItsLoop) {
  Find(RemarksOf(kLoops, WithRemarks()), "licm", 17, "failed to move load");
}

TEST(ClangRemarks, AreLeftOutUnlessAskedFor) {
  EXPECT_TRUE(RemarksOf(kLoops, AtLevel(2)).empty());
  EXPECT_TRUE(RemarksOf(kLoops, WithRemarks(0)).empty());
}

TEST(ClangRemarks, LeaveTheObjectAsItIs) {
  for (const int level : {0, 1, 2, 3}) {
    CompileOptions options = WithRemarks(level);
    const Artifact with = CompileC(kLoops, options);
    options.remarks = false;
    EXPECT_EQ(with.objects, CompileC(kLoops, options).objects) << level;
  }
}

TEST(ClangRemarks, LeaveTheObjectOfCxxAsItIs) {
  const char* const text =
      "#include <stdexcept>\n#include <string>\n#include <vector>\n"
      "double sum(const std::vector<double>& v) {\n"
      "  if (v.empty()) throw std::invalid_argument(\"empty \" + std::to_string(v.size()));\n"
      "  double s = 0;\n  for (double x : v) s += x;\n  return s;\n}\n"
      "thread_local std::string name = \"kernel\";\n";
  for (const int level : {1, 2, 3}) {
    CompileOptions options = WithRemarks(level);
    const Artifact with = CompileCxx(text, options);
    EXPECT_FALSE(with.warnings.empty());
    options.remarks = false;
    EXPECT_EQ(with.objects, CompileCxx(text, options).objects) << level;
  }
}

TEST(ClangRemarks, NameTheSourceByItsAbsolutePath) {
  const Artifact artifact =
      CompileWith(Clang(), {Language::kC, "/nowhere/kernels/k.c", kLoops}, WithRemarks());
  ASSERT_FALSE(artifact.warnings.empty());
  EXPECT_EQ(artifact.warnings[0].file, "/nowhere/kernels/k.c");
}

TEST(ClangRemarks, FollowLineDirectives) {
  const auto remarks = RemarksOf(
      "#line 7 \"model.py\"\nvoid f(float* x) { for (long i = 0; i < 999; ++i) x[i] += 1; }\n",
      WithRemarks());
  ASSERT_FALSE(remarks.empty());
  EXPECT_EQ(remarks[0].file, "model.py");
  EXPECT_EQ(remarks[0].line, 7u);
  EXPECT_EQ(remarks[0].source_line, "");
}

TEST(ClangRemarks, AreAtMostAThousand) {
  std::string text = "__attribute__((noinline)) int g(int x) { return x * x; }\n";
  for (int i = 0; i < 1500; ++i) text += "int f" + std::to_string(i) + "(int x) { return g(x); }\n";
  EXPECT_EQ(RemarksOf(text, WithRemarks(1)).size(), 1000u);
}

TEST(ClangRemarks, AnOrderThatCanNotBeFollowedIsAWarningWithItsPlace) {
  const auto warnings = RemarksOf(
      "float chain(const float* x, long n) {\n"
      "  float s = 0;\n"
      "#pragma clang loop vectorize(enable)\n"
      "  for (long i = 0; i < n; ++i) { if (x[i] > 3) return s; s += x[i]; }\n"
      "  return s;\n}\n",
      WithRemarks());
  const auto warning = std::find_if(warnings.begin(), warnings.end(), [](const Diagnostic& d) {
    return d.severity == Severity::kWarning;
  });
  ASSERT_NE(warning, warnings.end());
  EXPECT_EQ(warning->line, 4u);
  EXPECT_TRUE(Contains(warning->message, "loop not vectorized")) << warning->message;
}

}  // namespace
}  // namespace kiln::jit
