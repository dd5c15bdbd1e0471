#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"
#include "tests/jit/compile/llvm/bitcode.h"

namespace kiln::jit {
namespace {

constexpr char kAddOne[] =
    "define i32 @__tvm_ffi_add_one(ptr %self, ptr %args, i32 %n, ptr %result) {\n"
    "  %m = add i32 %n, 1\n"
    "  ret i32 %m\n"
    "}\n";

Thrown CompileThrows(std::string text) {
  return ThrownBy([&] { CompileIr(std::move(text)); });
}

void ExpectStillCompiles() {
  EXPECT_EQ(CompileIr(kAddOne).exports, std::vector<std::string>{"add_one"});
}

TEST(LlvmCompiler, CompilesTextAtEveryLevel) {
  for (const int level : {0, 1, 2, 3}) {
    const Artifact artifact = CompileIr(kAddOne, AtLevel(level));
    EXPECT_EQ(artifact.exports, std::vector<std::string>{"add_one"});
    EXPECT_TRUE(
        artifact.objects[0].starts_with("\x7F"
                                        "ELF"));
    EXPECT_EQ(artifact.triple, "x86_64-pc-linux-gnu");
  }
}

TEST(LlvmCompiler, CompilesBitcode) {
  const Artifact artifact = CompileBitcode(BitcodeOf(kAddOne));
  EXPECT_EQ(artifact.exports, std::vector<std::string>{"add_one"});
  EXPECT_EQ(artifact.language, Language::kLlvmBitcode);
}

TEST(LlvmCompiler, ListsExportsInSourceOrder) {
  const Artifact artifact = CompileIr(
      "define i32 @__tvm_ffi_b() { %r = call i32 @__tvm_ffi_a() ret i32 %r }\n"
      "define internal i32 @__tvm_ffi_hidden() { ret i32 0 }\n"
      "declare i32 @__tvm_ffi_elsewhere()\n"
      "define i32 @__tvm_ffi_a() { ret i32 1 }\n");
  EXPECT_EQ(artifact.exports, (std::vector<std::string>{"b", "a"}));
}

TEST(LlvmCompiler, ShowsWhereParsingFailed) {
  const Thrown thrown = CompileThrows("define i32 @f() {\n  ret i32 %x\n}\n");
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_EQ(thrown.message,
            "k.ll: 1 error\n"
            "k.ll:2:11: error: use of undefined value '%x'\n"
            "    ret i32 %x\n"
            "            ^");
  ExpectStillCompiles();
}

TEST(LlvmCompiler, ErrorsCarryTheirPlaceAsJson) {
  const std::vector<Diagnostic> errors =
      DiagnosticsFromJson(CompileThrows("define i32 @f() {\n  ret i32 %x\n}\n").context);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].line, 2u);
  EXPECT_EQ(errors[0].column, 11u);
  EXPECT_EQ(errors[0].message, "use of undefined value '%x'");
}

constexpr char kCallInLine7[] =
    "define i32 @f(i32 %x) !dbg !4 {\n"
    "  %y = call i32 @g(i32 %x), !dbg !5\n"
    "  ret i32 %y\n"
    "}\n"
    "define i32 @g(i32 %x) noinline {\n  ret i32 %x\n}\n"
    "!llvm.dbg.cu = !{!0}\n"
    "!llvm.module.flags = !{!2}\n"
    "!0 = distinct !DICompileUnit(language: DW_LANG_C, file: !1, emissionKind: NoDebug)\n"
    "!1 = !DIFile(filename: \"model.py\", directory: \"/nowhere\")\n"
    "!2 = !{i32 2, !\"Debug Info Version\", i32 3}\n"
    "!3 = !DISubroutineType(types: !{})\n"
    "!4 = distinct !DISubprogram(name: \"f\", file: !1, line: 6, type: !3, unit: !0)\n"
    "!5 = !DILocation(line: 7, column: 9, scope: !4)\n";

TEST(LlvmCompiler, RemarksHaveTheModulesOwnPlaces) {
  CompileOptions options;
  options.remarks = true;
  const Artifact artifact = CompileIr(kCallInLine7, options);
  ASSERT_EQ(artifact.warnings.size(), 1u);
  EXPECT_EQ(Format(artifact.warnings[0]),
            "model.py:7:9: remark: 'g' not inlined into 'f' because it should never be inlined "
            "(cost=never): noinline function attribute");
  EXPECT_EQ(artifact.warnings[0].option, "inline");
  options.remarks = false;
  EXPECT_EQ(artifact.objects, CompileIr(kCallInLine7, options).objects);
}

TEST(LlvmCompiler, RemarksWithoutAPlaceNameTheirFunction) {
  CompileOptions options;
  options.remarks = true;
  const Artifact artifact = CompileIr(
      "define i32 @f(i32 %x) {\n  %y = call i32 @g(i32 %x)\n  ret i32 %y\n}\n"
      "define i32 @g(i32 %x) noinline {\n  ret i32 %x\n}\n",
      options);
  ASSERT_EQ(artifact.warnings.size(), 1u);
  EXPECT_EQ(artifact.warnings[0].line, 0u);
  EXPECT_TRUE(artifact.warnings[0].message.ends_with(" (in function 'f')"));
}

TEST(LlvmCompiler, ReportsWhatTheVerifierFinds) {
  const Thrown thrown = CompileThrows(
      "define i32 @f(i1 %c) {\n"
      "entry:\n"
      "  br i1 %c, label %a, label %b\n"
      "a:\n"
      "  %x = add i32 1, 2\n"
      "  br label %b\n"
      "b:\n"
      "  ret i32 %x\n"
      "}\n");
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_TRUE(Contains(thrown.message, "Instruction does not dominate all uses")) << thrown.message;
  ExpectStillCompiles();
}

TEST(LlvmCompiler, RefusesAForeignTriple) {
  const Thrown thrown =
      CompileThrows(std::string("target triple = \"nvptx64-nvidia-cuda\"\n") + kAddOne);
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_TRUE(Contains(thrown.message,
                       "the module is for target 'nvptx64-nvidia-cuda', and this process runs "
                       "'x86_64-pc-linux-gnu'"))
      << thrown.message;
  for (const char* triple : {"aarch64-linux-gnu", "i686-pc-linux-gnu", "x86_64-pc-windows-msvc",
                             "x86_64-apple-macosx", "x86_64-linux-gnux32"}) {
    EXPECT_EQ(CompileThrows(std::string("target triple = \"") + triple + "\"\n" + kAddOne).kind,
              "CompileError")
        << triple;
  }
}

TEST(LlvmCompiler, TakesEverySpellingOfTheHostTriple) {
  for (const char* triple : {"x86_64-unknown-linux-gnu", "x86_64-linux-gnu", "x86_64-pc-linux-gnu",
                             "x86_64-pc-linux-musl", "x86_64-unknown-unknown-elf"}) {
    CompileIr(std::string("target triple = \"") + triple + "\"\n" + kAddOne);
  }
}

TEST(LlvmCompiler, RefusesAForeignDataLayout) {
  const Thrown thrown =
      CompileThrows(std::string("target datalayout = \"e-p:32:32-i64:32\"\n") + kAddOne);
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_TRUE(Contains(thrown.message, "e-p:32:32-i64:32")) << thrown.message;
  EXPECT_TRUE(Contains(thrown.message, "that of target 'x86_64-pc-linux-gnu' is 'e-m:e-p270:32:32"))
      << thrown.message;
  EXPECT_EQ(CompileThrows(std::string("target datalayout = \"nonsense\"\n") + kAddOne).kind,
            "CompileError");
}

TEST(LlvmCompiler, TakesTheHostDataLayoutAsOlderLlvmWroteIt) {
  CompileIr(std::string("target datalayout = \"e-m:e-i64:64-f80:128-n8:16:32:64-S128\"\n"
                        "target triple = \"x86_64-unknown-linux-gnu\"\n") +
            kAddOne);
}

TEST(LlvmCompiler, RefusesBitcodeThatIsCutShort) {
  const std::string bitcode = BitcodeOf(kAddOne);
  for (size_t size = 1; size < bitcode.size(); size += 7) {
    const Thrown thrown = ThrownBy([&] { CompileBitcode(bitcode.substr(0, size)); });
    EXPECT_EQ(thrown.kind, "CompileError") << size << " of " << bitcode.size();
    EXPECT_TRUE(Contains(thrown.message, "k.bc")) << thrown.message;
  }
  ExpectStillCompiles();
}

TEST(LlvmCompiler, RefusesTextThatIsCalledBitcode) {
  const Thrown thrown = ThrownBy([] { CompileBitcode(kAddOne); });
  EXPECT_TRUE(Contains(thrown.message, "not LLVM bitcode")) << thrown.message;
}

TEST(LlvmCompiler, RefusesEmptySourcesAndNulBytes) {
  EXPECT_EQ(CompileThrows("").message, "source 'k.ll' is empty");
  EXPECT_TRUE(
      Contains(CompileThrows(std::string("; a\n\0", 5)).message, "k.ll:2:1: error: NUL byte"));
}

TEST(LlvmCompiler, ReportsBadInlineAssembly) {
  const Thrown thrown = CompileThrows(
      "define void @f() {\n  call void asm sideeffect \"frobnicate\", \"\"()\n  ret void\n}\n");
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_TRUE(Contains(thrown.message, "invalid instruction mnemonic 'frobnicate'"))
      << thrown.message;
  EXPECT_EQ(CompileThrows("module asm \"frobnicate\"\n").kind, "CompileError");
  ExpectStillCompiles();
}

TEST(LlvmCompiler, RefusesOptionsOfC) {
  CompileOptions options;
  options.fast_math = true;
  EXPECT_EQ(ThrownBy([&] { CompileIr(kAddOne, options); }).kind, "ValueError");
}

TEST(LlvmCompiler, TheSameModuleGivesTheSameObject) {
  EXPECT_EQ(CompileIr(kAddOne), CompileIr(kAddOne));
}

}  // namespace
}  // namespace kiln::jit
