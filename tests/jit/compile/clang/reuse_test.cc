// Much of the compiler is made once and used again. A compile must not tell what came before it.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

struct Case {
  const char* name;
  bool is_cxx;
  const char* text;
};

// Each leaves something of its own in the code generator.
constexpr Case kCases[] = {
    {"plain", false, "int f(int x) { return x + 1; }"},
    {"computed goto", false,
     "int f(int x) { static void* const to[] = {&&a, &&b}; goto *to[x & 1];"
     " a: return 3; b: return x; }"},
    {"inline assembly", false,
     "int f(int x) { __asm__ volatile(\"1: addl $5, %0\\n\\tjc 1b\" : \"+r\"(x)); return x; }"},
    {"assembly of the file", false,
     "__asm__(\".globl kiln_word\\nkiln_word: .long 7\"); extern int kiln_word;"
     "int f(void) { return kiln_word; }"},
    {"a thread's variable", false, "_Thread_local int t = 4; int f(void) { return t++; }"},
    {"sections", false,
     "__attribute__((section(\"kiln_data\"))) int d = 3; int f(void) { return d; }"
     "__attribute__((section(\"kiln_text\"))) int g(void) { return 2; }"},
    {"a switch", false,
     "int f(int x) { switch (x) { case 0: return 5; case 1: return 9; case 2: return 1;"
     "case 3: return 77; case 4: return 3; default: return 0; } }"},
    {"constants of the pool", false,
     "void f(double* x) { for (int i = 0; i < 100; ++i) x[i] = x[i] * 1.25 + 3.5; }"},
    {"another target", false,
     "__attribute__((target(\"avx2\"))) void f(float* x) { for (int i = 0; i < 64; ++i) x[i] *= 2; "
     "}"},
    {"exceptions", true,
     "void g(); int f() { try { g(); } catch (int x) { return x; } catch (...) { throw; }"
     " return 0; }"},
    {"constructors", true,
     "struct S { S(); ~S(); int x; }; S s; inline int i = 3; int f() { return s.x + i; }"
     "template <class T> T twice(T x) { return x + x; } template int twice(int);"},
};

std::string ObjectOf(const Case& source, const CompileOptions& options) {
  return source.is_cxx ? CompileCxx(source.text, options).objects[0]
                       : CompileC(source.text, options).objects[0];
}

class Reuse : public ::testing::TestWithParam<int> {};

TEST_P(Reuse, TheCodeOfASourceDoesNotDependOnThoseBeforeIt) {
  CompileOptions plain = AtLevel(GetParam());
  CompileOptions debug = plain;
  debug.debug_info = true;
  std::vector<std::string> first;
  for (const Case& source : kCases) {
    first.push_back(ObjectOf(source, plain));
    first.push_back(ObjectOf(source, debug));
  }
  for (size_t step = 1; step < std::size(kCases); ++step) {
    for (size_t i = 0; i < std::size(kCases); ++i) {
      const size_t at = i * step % std::size(kCases);
      EXPECT_EQ(ObjectOf(kCases[at], plain), first[2 * at]) << kCases[at].name;
      EXPECT_EQ(ObjectOf(kCases[at], debug), first[2 * at + 1]) << kCases[at].name;
    }
  }
}

TEST_P(Reuse, AnErrorOfTheCodeGeneratorLeavesNothingBehind) {
  const CompileOptions options = AtLevel(GetParam());
  const std::string first = ObjectOf(kCases[2], options);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ThrownBy([&] {
                CompileC("int f(void) { __asm__(\"no such thing\"); return 0; }", options);
              }).kind,
              "CompileError");
    EXPECT_EQ(ObjectOf(kCases[2], options), first);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, Reuse, ::testing::Values(0, 1, 2, 3));

}  // namespace
}  // namespace kiln::jit
