// `kiln ... --json`: one JSON object on standard output, whatever happens.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command_line.h"

namespace kiln::testing {
namespace {

using Json = nlohmann::json;

class KilnJson : public CommandTest {
 protected:
  KilnJson() { Write("k.c", kKernels); }

  // The JSON of a command that is expected to end with `status`, and with nothing on standard
  // error.
  Json Report(std::vector<std::string> words, int status) const {
    words.emplace_back("--json");
    const Ended ended = Kiln(words);
    EXPECT_EQ(ended.status, status) << ended.err << ended.out;
    EXPECT_EQ(ended.err, "");
    EXPECT_TRUE(ended.out.ends_with('\n'));
    const Json report = Json::parse(ended.out, nullptr, /*allow_exceptions=*/false);
    EXPECT_TRUE(report.is_object()) << ended.out;
    EXPECT_EQ(report.value("ok", status != 0), status == 0);
    return report;
  }
};

TEST_F(KilnJson, RunTellsResultArgumentsWarningsAndTimes) {
  const Json report =
      Report({"run", "k.c", "--fn", "add_one", "f32[2]=1,2.5", "f32[2]=zeros", "--repeat", "3"}, 0);
  EXPECT_TRUE(report["result"].is_null());
  EXPECT_EQ(report["arguments"],
            Json::parse(R"([{"dtype": "float32", "shape": [2], "data": [1.0, 2.5]},
                            {"dtype": "float32", "shape": [2], "data": [2.0, 3.5]}])"));
  EXPECT_EQ(report["warnings"], Json::array());
  EXPECT_EQ(report["times"]["calls"], 3);
  for (const char* time : {"engine_ns", "callable_ns", "median_ns", "min_ns"}) {
    EXPECT_TRUE(report["times"][time].is_number()) << time;
  }
  EXPECT_EQ(Report({"run", "k.c", "--fn", "echo", "str:hi"}, 0)["result"], "hi");
}

TEST_F(KilnJson, CompileTellsWhatItWroteAndTheWarnings) {
  Write("w.c", "int __tvm_ffi_w(void* s, void* a, int n, void* r) { int unused; return 0; }\n");
  const Json report = Report({"compile", "w.c", "-o", "w.kiln", "--option", "flags=-Wall"}, 0);
  EXPECT_EQ(report["sources"], Json({"w.c"}));
  EXPECT_EQ(report["exports"], Json({"w"}));
  EXPECT_EQ(report["output"], "w.kiln");
  EXPECT_GT(report["bytes"], 100);
  ASSERT_EQ(report["warnings"].size(), 1u);
  EXPECT_EQ(report["warnings"][0]["option"], "-Wunused-variable");
  EXPECT_EQ(report["warnings"][0]["line"], 1);
}

TEST_F(KilnJson, CompileEmitsAStageAsText) {
  const Json report = Report({"compile", "k.c", "--emit", "ll"}, 0);
  EXPECT_NE(report["text"].get<std::string>().find("@__tvm_ffi_add_one"), std::string::npos);
  EXPECT_FALSE(report.contains("output"));
  const Json refusal = Report({"compile", "k.c", "--emit", "obj"}, 1);
  EXPECT_EQ(refusal["error"]["kind"], "ValueError");
}

TEST_F(KilnJson, ACompileErrorHasItsDiagnostics) {
  Write("bad.c", "int f(void) { return 3 }\n");
  for (const auto& words : {std::vector<std::string>{"run", "bad.c", "--fn", "f"},
                            std::vector<std::string>{"compile", "bad.c", "-o", "bad.o"}}) {
    const Json error = Report(words, 1)["error"];
    EXPECT_EQ(error["kind"], "CompileError");
    EXPECT_NE(error["message"].get<std::string>().find("bad.c:1:23: error: "), std::string::npos);
    ASSERT_EQ(error["diagnostics"].size(), 1u);
    EXPECT_EQ(error["diagnostics"][0]["column"], 23);
    EXPECT_EQ(error["diagnostics"][0]["fixits"][0]["text"], ";");
  }
}

TEST_F(KilnJson, OtherErrorsHaveNoDiagnostics) {
  const Json kernel = Report({"run", "k.c", "--fn", "fail"}, 1);
  EXPECT_EQ(kernel, Json::parse(R"({"ok": false, "error": {"kind": "ValueError",
      "message": "the kernel was told to fail", "diagnostics": []}})"));
  EXPECT_EQ(Report({"run", "none.c", "--fn", "f"}, 1)["error"]["kind"], "RuntimeError");
  EXPECT_EQ(Report({"run", "k.c", "--fn", "f", "word"}, 1)["error"]["kind"], "ValueError");
  EXPECT_EQ(Report({"compile", "k.c", "-o", "k.exe"}, 1)["error"]["kind"], "ValueError");
}

TEST_F(KilnJson, RemarksAreAmongTheWarnings) {
  Write("loop.c",
        "void f(float* x) { for (int i = 0; i < 999; ++i) x[i] += 1; }\n"
        "int __tvm_ffi_w(void* s, void* a, int n, void* r) { return 0; }\n");
  const Json report = Report({"compile", "loop.c", "-o", "l.kiln", "--option", "remarks=true"}, 0);
  ASSERT_FALSE(report["warnings"].empty());
  EXPECT_EQ(report["warnings"][0]["severity"], "remark");
  EXPECT_EQ(report["warnings"][0]["option"], "loop-vectorize");
  EXPECT_EQ(report["warnings"][0]["line"], 1);
}

TEST_F(KilnJson, TextThatIsNotUtf8IsReplaced) {
  Write("bad.c", "int f(void) { return \"\xFF\" }\n");
  EXPECT_EQ(Report({"run", "bad.c", "--fn", "f"}, 1)["error"]["kind"], "CompileError");
}

TEST_F(KilnJson, AWrongCommandLineIsNoReport) {
  const Ended ended = Kiln({"compile", "k.c", "--json"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_NE(ended.err.find("-o is required"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace kiln::testing
