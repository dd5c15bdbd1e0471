// `kiln` on C++, on several sources at once, and on single stages of a compile.
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/command_line.h"

namespace kiln::testing {
namespace {

using KilnSources = CommandTest;
using KilnEmit = CommandTest;

constexpr std::string_view kTotal = R"(
#include "term.h"
extern "C" int __tvm_ffi_total(void*, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  std::vector<int64_t> terms;
  for (int32_t i = 0; i < n; ++i) terms.push_back(TERM(args[i].v_int64));
  result->type_index = kTVMFFIInt;
  result->v_int64 = 0;
  for (const int64_t term : terms) result->v_int64 += term;
  return 0;
}
)";
constexpr std::string_view kTermHeader =
    "#include <tvm/ffi/c_api.h>\n#include <vector>\n#define TERM(x) (2 * (x))\n";

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(KilnSources, CxxRunsWithTheHeadersBesideIt) {
  for (const char* name : {"k.cc", "k.cpp", "k.cxx"}) {
    Write(name, kTotal);
    Write("term.h", kTermHeader);
    const Ended ended = Kiln({"run", name, "--fn", "total", "3", "4"});
    EXPECT_EQ(ended.out, "result: 14\n") << name << ended.err;
  }
}

TEST_F(KilnSources, TheLanguageMayBeNamed) {
  Write("k.txt", kTotal);
  Write("term.h", kTermHeader);
  EXPECT_EQ(Kiln({"run", "k.txt", "--language", "c++", "--fn", "total", "3"}).out, "result: 6\n");
}

TEST_F(KilnSources, SeveralBecomeOneModule) {
  Write("k.c", kKernels);
  Write("folder.cc", kTotal);
  Write("term.h", kTermHeader);
  const Ended compiled = Kiln({"compile", "k.c", "folder.cc", "-o", "both.kiln"});
  EXPECT_EQ(compiled.status, 0) << compiled.err;
  EXPECT_TRUE(Has(compiled.out, "source   k.c, folder.cc\nexports  add_one, echo, fail, total\n"))
      << compiled.out;
  EXPECT_EQ(Kiln({"run", "both.kiln", "--fn", "total", "5"}).out, "result: 10\n");
  EXPECT_EQ(Kiln({"run", "k.c", "folder.cc", "--fn", "total", "5", "6"}).out, "result: 22\n");
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "3", "folder.cc"}).out, "result: 3\n");
}

TEST_F(KilnSources, AModuleIsNoneOfSeveral) {
  Write("k.c", kKernels);
  Write("k.kiln", "");
  for (const char* second : {"k.kiln", "k.c"}) {
    const Ended ended = Kiln({"compile", "k.c", second, "-o", "both.kiln"});
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(Has(ended.err, second == std::string_view("k.c")
                                   ? "two of the sources have the same name"
                                   : "'k.kiln' is compiled already: give it alone"))
        << ended.err;
  }
}

TEST_F(KilnSources, AWordWithASuffixAfterTheMarkerIsAnArgument) {
  Write("k.c", kKernels);
  const Ended ended = Kiln({"run", "k.c", "--fn", "echo", "--", "other.c"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(Has(ended.err, "argument 0 'other.c'")) << ended.err;
  EXPECT_EQ(Kiln({"run", "k.c", "--fn", "echo", "str:a.c"}).out, "result: \"a.c\"\n");
}

TEST_F(KilnSources, OptionsMayBeMaps) {
  Write("k.c",
        std::string("#include <made.h>\n") + std::string(kKernels) + "const char* made = MADE;\n");
  EXPECT_EQ(
      Kiln({"run", "k.c", "--fn", "echo", "3", "--option", "headers=made.h=#define MADE \"yes\"\n"})
          .out,
      "result: 3\n");
  const Ended ended = Kiln({"run", "k.c", "--fn", "echo", "3", "--option", "headers=made.h"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(Has(ended.err, "headers must be a map of names to texts")) << ended.err;
}

TEST_F(KilnEmit, PrintsAStageToStandardOutput) {
  Write("k.c", kKernels);
  const Ended ir = Kiln({"compile", "k.c", "--emit", "ll"});
  EXPECT_EQ(ir.status, 0) << ir.err;
  EXPECT_TRUE(Has(ir.out, "define") && Has(ir.out, "@__tvm_ffi_add_one")) << ir.out;
  EXPECT_TRUE(Has(Kiln({"compile", "k.c", "--emit", "ll-opt"}).out, "@__tvm_ffi_add_one"));
  EXPECT_TRUE(Has(Kiln({"compile", "k.c", "--emit", "asm", "-O3"}).out, "__tvm_ffi_add_one:"));
  EXPECT_TRUE(Kiln({"compile", "k.c", "--emit", "obj"})
                  .out.starts_with("\x7F"
                                   "ELF"));
}

TEST_F(KilnEmit, WritesAStageToAFileOfAnyName) {
  Write("k.c", kKernels);
  const Ended ended = Kiln({"compile", "k.c", "--emit", "ll-opt", "-o", "stage.ll"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(ended.out.starts_with("wrote    stage.ll, ")) << ended.out;
  EXPECT_EQ(Kiln({"run", "stage.ll", "--fn", "echo", "7"}).out, "result: 7\n");
  const Ended lost = Kiln({"compile", "k.c", "--emit", "asm", "-o", "nowhere/k.s"});
  EXPECT_EQ(lost.status, 1);
  EXPECT_TRUE(Has(lost.err, "can't write 'nowhere/k.s'")) << lost.err;
}

TEST_F(KilnEmit, OfALoadedModuleIsItsObjectAlone) {
  Write("k.c", kKernels);
  ASSERT_EQ(Kiln({"compile", "k.c", "-o", "k.kiln"}).status, 0);
  EXPECT_TRUE(Kiln({"compile", "k.kiln", "--emit", "obj"})
                  .out.starts_with("\x7F"
                                   "ELF"));
  const Ended ended = Kiln({"compile", "k.kiln", "--emit", "asm"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(Has(ended.err, "the module came without its source")) << ended.err;
}

TEST_F(KilnEmit, AnUnknownStageIsStatus2) {
  Write("k.c", kKernels);
  const Ended ended = Kiln({"compile", "k.c", "--emit", "wasm"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(Has(ended.err, "ll-opt")) << ended.err;
}

}  // namespace
}  // namespace kiln::testing
