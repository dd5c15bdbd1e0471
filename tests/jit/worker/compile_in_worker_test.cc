// What a worker compiles is what this process would: the same bytes, the same errors.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/kiln.h"
#include "tests/jit/objects/objects.h"
#include "tests/jit/worker/isolated.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

std::string BytesOf(const Module& module) { return std::string(module->SaveToBytes().view()); }

void ExpectSameArtifact(std::string_view source, const jit::CompileOptions& options) {
  const std::string here = BytesOf(jit::Compile(source, options));
  const std::string there = BytesOf(jit::Compile(source, Isolated(options)));
  EXPECT_FALSE(here.empty());
  EXPECT_TRUE(here == there) << "the artifacts of " << options.name << " differ";
}

void ExpectSameError(std::string_view source, const jit::CompileOptions& options) {
  const auto raised = [&](const jit::CompileOptions& chosen) -> std::optional<Error> {
    try {
      jit::Compile(source, chosen);
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  };
  const std::optional<Error> here = raised(options);
  const std::optional<Error> there = raised(Isolated(options));
  ASSERT_TRUE(here && there);
  EXPECT_EQ(here->kind(), there->kind());
  EXPECT_EQ(here->message(), there->message());
  EXPECT_EQ(jit::DiagnosticsOf(*here), jit::DiagnosticsOf(*there));
}

TEST(CompileInWorker, CGivesTheSameArtifact) {
  ExpectSameArtifact(KernelSource("axpy"), {.name = "axpy.c"});
  ExpectSameArtifact(KernelSource("sgemm"), {.name = "sgemm.c", .opt_level = 3});
}

TEST(CompileInWorker, WarningsAndRemarksComeAlong) {
  ExpectSameArtifact(
      "static int unused; void f(float* x) { for (int i = 0; i < 8; ++i) x[i] = i; }",
      {.name = "k.c",
       .exports = {"f"},
       .more = {{"flags", Array<String>{"-Wall"}}, {"remarks", true}}});
}

TEST(CompileInWorker, CxxWithStandardHeadersGivesTheSameArtifact) {
  ExpectSameArtifact(
      "#include <numeric>\n#include <vector>\n"
      "long sum(long n) { std::vector<long> v(n, 2); return std::accumulate(v.begin(), v.end(), "
      "0L); }",
      {.name = "k.cc", .exports = {"sum"}});
}

TEST(CompileInWorker, OptionsOfEveryTypeReachTheWorker) {
  ExpectSameArtifact(
      "#include <scale.h>\nfloat f(float x) { return SCALE * x + OFFSET; }",
      {.name = "k.c",
       .opt_level = 1,
       .cpu = "x86-64-v3",
       .exports = {"f"},
       .more = {{"headers", Map<String, String>{{"scale.h", "#define SCALE 3.0f\n"}}},
                {"defines", Array<String>{"OFFSET=2.0f", "OTHER"}},
                {"fast_math", true},
                {"debug_info", true},
                {"symbols", Map<String, int64_t>{{"elsewhere", 4096}}}}});
}

TEST(CompileInWorker, IrBitcodeAndObjectsGiveTheSameArtifact) {
  ExpectSameArtifact(ReadFile(KernelFile("axpy.ll")), {.name = "axpy.ll"});
  ExpectSameArtifact(ReadFile(KernelFile("axpy.bc")), {.name = "axpy.bc"});
  ExpectSameArtifact(ObjectBytes("kernel.c.gcc.pic.o"), {.name = "kernel.o"});
}

TEST(CompileInWorker, SeveralSourcesGiveTheSameArtifact) {
  const std::vector<jit::NamedSource> sources = {
      {"a.c", "int twice(int x) { return 2 * x; }"},
      {"b.cc",
       "extern \"C\" int twice(int); extern \"C\" int four(int x) { return twice(twice(x)); }"}};
  const jit::CompileOptions options{.exports = {"four"}};
  const Module there = jit::Compile(sources, Isolated(options));
  EXPECT_TRUE(BytesOf(jit::Compile(sources, options)) == BytesOf(there));
  EXPECT_EQ(there.GetFunction("four")(3).cast<int64_t>(), 12);
}

TEST(CompileInWorker, ACompileErrorHasItsDiagnostics) {
  ExpectSameError("int f(void) { return undeclared; }\nint g(void) { retrun 1; }",
                  {.name = "bad.c"});
  ExpectSameError("define i32 @f() { ret i64 0 }", {.name = "bad.ll"});
}

TEST(CompileInWorker, OtherErrorsKeepKindAndMessage) {
  ExpectSameError("int f(void) { return 1; }", {.name = "k.c", .exports = {"g"}});
  ExpectSameError("int f(void) { return 1; }", {.name = "k.c", .cpu = "no-such-cpu"});
  ExpectSameError("no object", {.language = "object", .name = "k.o"});
  ExpectSameError("int f(void);", {.name = "k.c", .more = {{"opt_levle", 3}}});
}

TEST(CompileInWorker, TheResultIsLinkedHere) {
  const Module base = jit::Compile("int counter = 40;", Isolated({.name = "base.c"}));
  jit::CompileOptions options{.name = "user.c", .exports = {"next"}};
  options.more.emplace_back("link", base);
  const Module user =
      jit::Compile("extern int counter; int next(void) { return ++counter; }", Isolated(options));
  EXPECT_EQ(user.GetFunction("next")().cast<int64_t>(), 41);
}

TEST(CompileInWorker, RelativePathsStartFromTheFolderOfTheMoment) {
  EXPECT_EQ(AnswerOfGoodCode(), 42);  // The worker has started, in another folder.
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("kiln_worker_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "include");
  std::ofstream(folder / "include" / "seven.h") << "#define SEVEN 7\n";
  std::filesystem::current_path(folder);
  jit::CompileOptions options{.name = "k.c", .exports = {"f"}};
  options.more.emplace_back("include_dirs", Array<String>{"include"});
  const Module module =
      jit::Compile("#include <seven.h>\nint f(void) { return SEVEN; }", Isolated(options));
  EXPECT_EQ(module.GetFunction("f")().cast<int64_t>(), 7);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kiln::testing
