#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

Thrown CompileThrows(std::string text, const CompileOptions& options = {}) {
  return ThrownBy([&] { CompileC(std::move(text), options); });
}

// The process must take the next kernel, whatever the last one was.
void ExpectStillCompiles() {
  EXPECT_EQ(CompileC("int __tvm_ffi_f(void) { return 1; }").exports, std::vector<std::string>{"f"});
}

TEST(ClangCompiler, TakesCAndCxx) {
  ASSERT_EQ(Clang().languages().size(), 2u);
  EXPECT_EQ(Clang().languages()[0], Language::kC);
  EXPECT_EQ(Clang().languages()[1], Language::kCxx);
}

TEST(ClangCompiler, MakesAnObjectAndSaysWhatItIs) {
  CompileReport report;
  const Artifact artifact = Clang().Compile(
      {Language::kC, "k.c", "int __tvm_ffi_f(void) { return 1; }"}, CompileOptions(), &report);
  EXPECT_EQ(artifact.name, "k.c");
  EXPECT_EQ(artifact.language, Language::kC);
  EXPECT_EQ(artifact.triple, "x86_64-pc-linux-gnu");
  EXPECT_NE(artifact.cpu, "native");
  EXPECT_FALSE(artifact.features.empty());
  EXPECT_TRUE(
      artifact.objects[0].starts_with("\x7F"
                                      "ELF"));
  EXPECT_TRUE(artifact.warnings.empty());

  std::vector<std::string_view> phases;
  for (const PhaseTimes::Phase& phase : report.times.phases()) phases.push_back(phase.name);
  EXPECT_EQ(phases, (std::vector<std::string_view>{"parse", "irgen", "optimize", "codegen"}));
}

TEST(ClangCompiler, ListsExportsInSourceOrder) {
  const char* const text =
      "int __tvm_ffi_third(void);\n"
      "int helper(void) { return 0; }\n"
      "int __tvm_ffi_first(void) { return __tvm_ffi_third(); }\n"
      "static int __tvm_ffi_hidden(void) { return 2; }\n"
      "int __tvm_ffi_second(void) { return __tvm_ffi_hidden(); }\n"
      "int __tvm_ffi_third(void) { return 3; }\n";
  for (const int level : {0, 1, 2, 3}) {
    EXPECT_EQ(CompileC(text, AtLevel(level)).exports,
              (std::vector<std::string>{"first", "second", "third"}))
        << "opt_level " << level;
  }
}

TEST(ClangCompiler, TheSameSourceGivesTheSameObject) {
  const std::string text = "float f(float x) { return x * x + 1; }";
  EXPECT_EQ(CompileC(text), CompileC(text));
}

TEST(ClangCompiler, ReportsEveryErrorWithLineColumnAndCaret) {
  const Thrown thrown = CompileThrows(
      "int f(int x) {\n"
      "  int y = 1;\n"
      "\treturn x + z;\n"
      "}\n"
      "int g(void) { return f(1, 2); }\n");
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_EQ(
      thrown.message,
      "k.c: 2 errors\n"
      "k.c:3:13: error: use of undeclared identifier 'z'\n"
      "  \treturn x + z;\n"
      "  \t           ^\n"
      "k.c:5:27: error: too many arguments to function call, expected single argument 'x', have "
      "2 arguments\n"
      "  int g(void) { return f(1, 2); }\n"
      "                            ^\n"
      "k.c:1:5: note: 'f' declared here\n"
      "  int f(int x) {\n"
      "      ^");
}

TEST(ClangCompiler, ShowsTheMacroBehindAnError) {
  const Thrown thrown = CompileThrows(
      "#define TWICE(x) ((x) + missing)\n"
      "int f(void) { return TWICE(1); }\n");
  EXPECT_TRUE(Contains(thrown.message, "k.c:2:22: error: use of undeclared identifier 'missing'"));
  EXPECT_TRUE(Contains(thrown.message, "k.c:1:25: note: expanded from macro 'TWICE'"))
      << thrown.message;
}

TEST(ClangCompiler, NamesAHeaderThatIsMissing) {
  const Thrown thrown = CompileThrows("#include <no/such/header.h>\n");
  EXPECT_TRUE(Contains(thrown.message, "k.c:1:10: fatal error: 'no/such/header.h' file not found"))
      << thrown.message;
}

TEST(ClangCompiler, KeepsWarningsWithTheArtifact) {
  const Artifact artifact = CompileC("int f(void) {}\n");
  ASSERT_EQ(artifact.warnings.size(), 1u);
  EXPECT_EQ(artifact.warnings[0].severity, Severity::kWarning);
  EXPECT_EQ(Format(artifact.warnings[0]),
            "k.c:1:14: warning: non-void function does not return a value\n"
            "  int f(void) {}\n"
            "               ^");
}

TEST(ClangCompiler, KeepsTheFirstHundredWarnings) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "int f" + std::to_string(i) + "(void) {}\n";
  EXPECT_EQ(CompileC(text).warnings.size(), 100u);
}

TEST(ClangCompiler, ReportsBadInlineAssemblyAtItsLine) {
  const Thrown thrown =
      CompileThrows("int f(void) {\n  __asm__(\"frobnicate %eax\");\n  return 0;\n}\n");
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_EQ(thrown.message,
            "k.c: 1 error\n"
            "k.c:2:11: error: invalid instruction mnemonic 'frobnicate'\n"
            "    __asm__(\"frobnicate %eax\");\n"
            "            ^\n"
            "<inline asm>:1:2: note: in this line of assembly\n"
            "  \tfrobnicate %eax\n"
            "  \t^");
  ExpectStillCompiles();
}

TEST(ClangCompiler, ReportsAssemblyThatAsksForTooManyRegisters) {
  std::string outputs;
  std::string variables;
  for (int i = 0; i < 20; ++i) {
    variables += "int v" + std::to_string(i) + ";";
    outputs += (i ? "," : "") + ("\"=&r\"(v" + std::to_string(i) + ")");
  }
  const Thrown thrown =
      CompileThrows("int f(void) {" + variables + "__asm__(\"\" : " + outputs + "); return v0; }");
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_TRUE(Contains(thrown.message, "k.c:1:")) << thrown.message;
  ExpectStillCompiles();
}

TEST(ClangCompiler, RefusesAnEmptySource) {
  EXPECT_EQ(CompileThrows("").message, "source 'k.c' is empty");
}

TEST(ClangCompiler, RefusesANulByte) {
  const Thrown thrown = CompileThrows(std::string("int x;\0int y;", 13));
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_TRUE(Contains(thrown.message, "k.c:1:7: error: NUL byte")) << thrown.message;
}

TEST(ClangCompiler, SurvivesTenMegabytesOfGarbage) {
  std::mt19937 random(7);
  std::string bytes(10'000'000, ' ');
  for (char& c : bytes) c = static_cast<char>(1 + random() % 255);
  const Thrown thrown = CompileThrows(bytes);
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_LT(thrown.message.size(), 1'000'000u);

  std::string one_line(10'000'000, ' ');
  for (char& c : one_line) c = "abc123;={}()\"'#@$ "[random() % 18];
  const Thrown long_line = CompileThrows(one_line);
  EXPECT_EQ(long_line.kind, "CompileError");
  EXPECT_LT(long_line.message.size(), 1'000'000u);
  ExpectStillCompiles();
}

TEST(ClangCompiler, TakesTheStandardThatIsAskedFor) {
  CompileOptions options;
  const std::string text = "_Static_assert(__STDC_VERSION__ == VERSION, \"\"); typeof(1) x;";
  options.defines = {"VERSION=201710L"};
  CompileC(text, options);
  options.standard = "gnu11";
  options.defines = {"VERSION=201112L"};
  CompileC(text, options);
  options.standard = "c11";  // has no typeof
  EXPECT_EQ(CompileThrows(text, options).kind, "CompileError");
  options.standard = "c++17";
  EXPECT_EQ(CompileThrows(text, options).kind, "ValueError");
}

TEST(ClangCompiler, DefinesMacros) {
  CompileOptions options;
  options.defines = {"FLAG", "N=4", "TEXT=\"a b\""};
  CompileC(
      "#if FLAG != 1 || N != 4\n#error\n#endif\n"
      "_Static_assert(sizeof(TEXT) == 4, \"\");",
      options);
  options.defines = {"9=1"};
  const Thrown thrown = CompileThrows("int x;", options);
  EXPECT_TRUE(Contains(thrown.message, "macro name must be an identifier")) << thrown.message;
}

TEST(ClangCompiler, LooksForHeadersInTheFoldersGiven) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("kiln_include_test_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "mine.h") << "#define MINE 1\nint broken(void) { return missing; }\n";
  CompileOptions options = Hermetic();
  options.include_dirs = {folder.string()};
  const Thrown thrown = CompileThrows("#include \"mine.h\"\nint x = MINE;\n", options);
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(
      Contains(thrown.message, "/mine.h:2:27: error: use of undeclared identifier 'missing'"))
      << thrown.message;
  EXPECT_TRUE(Contains(thrown.message, "k.c:1:10: note: in file included from k.c:1:"))
      << thrown.message;

  EXPECT_EQ(CompileThrows("int x;", options).message,
            "include_dirs: '" + folder.string() + "' is not a directory");
}

TEST(ClangCompiler, CompilesForTheCpuThatIsAskedFor) {
  CompileOptions options;
  options.cpu = "x86-64-v3";
  CompileC("#ifndef __AVX2__\n#error\n#endif\n", options);
  options.features = "-avx2";
  CompileC("#if defined(__AVX2__) || !defined(__AVX__)\n#error\n#endif\n", options);
  options.cpu = "x86-64";
  options.features = "+avx512f";
  const Artifact artifact = CompileC("#ifndef __AVX512F__\n#error\n#endif\n", options);
  EXPECT_EQ(artifact.cpu, "x86-64");
  EXPECT_TRUE(Contains(artifact.features, "+avx512f"));
}

TEST(ClangCompiler, FastMathChangesWhatTheSourceSees) {
  CompileOptions options;
  options.fast_math = true;
  CompileC("#if !__FAST_MATH__ || !__FINITE_MATH_ONLY__\n#error\n#endif\n", options);
  CompileC("#if defined(__FAST_MATH__) || __FINITE_MATH_ONLY__\n#error\n#endif\n");
}

TEST(ClangCompiler, PutsDebugInformationInTheObject) {
  CompileOptions options;
  const std::string text = "int f(int x) { return x; }";
  EXPECT_FALSE(Contains(CompileC(text, options).objects[0], ".debug_info"));
  options.debug_info = true;
  EXPECT_TRUE(Contains(CompileC(text, options).objects[0], ".debug_info"));
}

TEST(ClangCompiler, CKernelsCarryNoUnwindTables) {
  EXPECT_FALSE(
      Contains(CompileC("int g(void); int f(void) { return g(); }").objects[0], ".eh_frame"));
}

TEST(ClangCompiler, KnowsEveryHeaderThatWasRead) {
  CompileOptions options = Hermetic();
  options.headers = {{"a.h", "#include \"b.h\"\n"}, {"b.h", "#define B 2\n"}, {"c.h", "int c;"}};
  const Artifact artifact =
      CompileC("#include <a.h>\n#include <stdint.h>\n#include \"b.h\"\nint b = B;", options);
  std::vector<std::string> names;
  for (const HeaderRecord& header : artifact.headers) {
    names.push_back(header.path.substr(header.path.rfind('/') + 1));
  }
  ASSERT_GE(names.size(), 3u);
  EXPECT_EQ(names[0], "a.h");
  EXPECT_EQ(names[1], "b.h");
  EXPECT_EQ(names[2], "stdint.h");
  EXPECT_EQ(artifact.headers[1].digest, DigestOf("#define B 2\n"));
  options.headers["b.h"] = "#define B 3\n";
  EXPECT_EQ(CompileC("#include <a.h>\nint b = B;", options).headers[1].digest,
            DigestOf("#define B 3\n"));
}

TEST(ClangCompiler, FindsHeadersInMemory) {
  CompileOptions options = Hermetic();
  options.headers = {{"sub/n.h", "#define N 4\n"}};
  CompileC("#include \"sub/n.h\"\n_Static_assert(N == 4, \"\");", options);
  EXPECT_EQ(CompileThrows("#include \"m.h\"", options).kind, "CompileError");
}

TEST(ClangCompiler, ChecksFlags) {
  CompileOptions options;
  options.flags = {"-Wall", "-Wno-unused-variable", "-fno-math-errno", "-w"};
  CompileC("int f(void) { int unused; return 1; }", options);
  const auto refusal = [](const std::string& flag) {
    CompileOptions one;
    one.flags = {flag};
    return CompileThrows("int x;", one).message;
  };
  EXPECT_EQ(refusal("-O3"), "flags: '-O3' is said by the option opt_level");
  EXPECT_EQ(refusal("-march=native"), "flags: '-march=native' is said by the option cpu");
  EXPECT_EQ(refusal("-fopenmp"), "flags: '-fopenmp' is said by the option openmp");
  EXPECT_EQ(refusal("-fno-bultin"),
            "flags: '-fno-bultin' is no option of Clang's front end; did you mean "
            "'-fno-builtin'?");
  EXPECT_EQ(refusal("-emit-pch"),
            "flags: '-emit-pch' is not one of -W..., -f..., -m..., -w, -pedantic");
  EXPECT_NE(refusal("-o"), "");
  EXPECT_NE(refusal("k.c"), "");
}

TEST(ClangCompiler, CompilesCxxOfEveryStandard) {
  for (const char* standard : {"", "c++17", "c++20", "c++23", "gnu++17", "gnu++20", "gnu++23"}) {
    CompileOptions options;
    options.standard = standard;
    const Artifact artifact = CompileCxx(
        "#include <vector>\n#include <string>\n"
        "extern \"C\" int __tvm_ffi_f(void*, const void*, int, void*) {\n"
        "  std::vector<std::string> v{\"a\"}; return (int)v.size() - 1; }",
        options);
    EXPECT_EQ(artifact.exports, (std::vector<std::string>{"f"})) << standard;
  }
  CompileOptions options;
  options.standard = "c17";
  EXPECT_EQ(ThrownBy([&] { CompileCxx("int x;", options); }).message,
            "std 'c17' is not one of language 'c++': leave it out, or compile the sources apart");
}

TEST(ClangCompiler, CarriesOutOpenMp) {
  CompileOptions options;
  options.openmp = true;
  const Artifact artifact = CompileC(
      "#include <omp.h>\nvoid f(float* x, long n) {\n#pragma omp parallel for\n"
      "for (long i = 0; i < n; ++i) x[i] = omp_get_thread_num(); }",
      options);
  EXPECT_TRUE(Contains(artifact.objects[0], "__kmpc_fork_call"));
  EXPECT_EQ(artifact.libraries, (std::vector<std::string>{"libomp.so.5"}));
}

TEST(ClangCompiler, ChecksUndefinedBehavior) {
  CompileOptions options;
  options.sanitize = {"undefined"};
  const char* const text = "int f(int a, int b) { return a + b; }";
  EXPECT_TRUE(Contains(CompileC(text, options).objects[0], "__ubsan_handle_add_overflow"));
  EXPECT_FALSE(Contains(CompileC(text).objects[0], "__ubsan"));
}

TEST(ClangCompiler, CallsVectorFunctions) {
  const char* const text =
      "#include <math.h>\nvoid f(double* x, long n) { for (long i = 0; i < n; ++i) x[i] = "
      "sin(x[i]); }";
  CompileOptions options;
  options.opt_level = 3;
  options.fast_math = true;
  EXPECT_FALSE(Contains(CompileC(text, options).objects[0], "_ZGV"));
  options.veclib = "libmvec";
  const Artifact artifact = CompileC(text, options);
  EXPECT_TRUE(Contains(artifact.objects[0], "_ZGV")) << "a vector variant of sin";
  EXPECT_EQ(artifact.libraries, (std::vector<std::string>{"libmvec.so.1"}));
}

TEST(ClangCompiler, CodeOfCHasNoUnwindTables) {
  CompileOptions options;
  options.exports = {"scale"};
  for (const int level : {0, 2}) {
    options.opt_level = level;
    const Artifact artifact = CompileC(
        "/// Scales x.\nvoid scale(float* x, int n, float a) {"
        " for (int i = 0; i < n; ++i) x[i] *= a; }\n"
        "int __tvm_ffi_f(void* s, const void* a, int n, void* r) { return n; }\n",
        options);
    EXPECT_FALSE(Contains(artifact.objects[0], "eh_frame")) << level;
  }
}

}  // namespace
}  // namespace kiln::jit
