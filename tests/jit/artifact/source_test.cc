#include "jit/artifact/source.h"

#include <gtest/gtest.h>

#include "tests/jit/artifact/thrown.h"

namespace kiln::jit {
namespace {

TEST(Language, EveryNameLeadsBackToItsLanguage) {
  for (const Language language : {Language::kC, Language::kLlvmIr, Language::kLlvmBitcode}) {
    EXPECT_EQ(LanguageFromName(LanguageName(language)), language);
  }
}

TEST(Language, KnowsAliasesAndNothingElse) {
  EXPECT_EQ(LanguageFromName("ll"), Language::kLlvmIr);
  EXPECT_EQ(LanguageFromName("llvm"), Language::kLlvmIr);
  EXPECT_EQ(LanguageFromName("bc"), Language::kLlvmBitcode);
  EXPECT_EQ(LanguageFromName("fortran"), std::nullopt);
  EXPECT_EQ(LanguageFromName(""), std::nullopt);
}

TEST(DetectLanguage, GoesByTheSuffix) {
  EXPECT_EQ(DetectLanguage("dir/k.c", "int x;"), Language::kC);
  EXPECT_EQ(DetectLanguage("k.ll", "define void @f() { ret void }"), Language::kLlvmIr);
  EXPECT_EQ(DetectLanguage("k.bc", ""), Language::kLlvmBitcode);
}

TEST(DetectLanguage, KnowsBitcodeWhateverItsName) {
  EXPECT_EQ(DetectLanguage("k.c", "BC\xC0\xDE rest"), Language::kLlvmBitcode);
  EXPECT_EQ(DetectLanguage("k", "\xDE\xC0\x17\x0B rest"), Language::kLlvmBitcode);
}

TEST(DetectLanguage, AsksForTheLanguageWhereNothingTells) {
  const Thrown thrown = ThrownBy([] { DetectLanguage("kernel.txt", "int x;"); });
  EXPECT_EQ(thrown.kind, "ValueError");
  EXPECT_EQ(
      thrown.message,
      "the name of source 'kernel.txt' ends in none of .c, .cc, .cpp, .cxx, .C, .cu, .ll, .bc, "
      ".o, .a: pass its "
      "language, one of "
      "'c', 'c++', 'cuda', 'llvm-ir', 'llvm-bitcode', 'object', 'archive'");
}

TEST(CheckSource, TakesOrdinarySources) {
  CheckSource({Language::kC, "k.c", "int x;"});
  CheckSource({Language::kLlvmBitcode, "k.bc", std::string("BC\xC0\xDE\0\0", 6)});
}

TEST(CheckSource, RefusesAnEmptySource) {
  const Thrown thrown = ThrownBy([] { CheckSource({Language::kC, "k.c", ""}); });
  EXPECT_EQ(thrown.kind, "ValueError");
  EXPECT_EQ(thrown.message, "source 'k.c' is empty");
}

TEST(CheckSource, RefusesASourceWithoutAName) {
  EXPECT_EQ(ThrownBy([] { CheckSource({Language::kC, "", "int x;"}); }).kind, "ValueError");
}

TEST(CheckSource, ShowsWhereANulByteStands) {
  const Source source{Language::kC, "k.c", std::string("int x;\nint\0y;\n", 14)};
  const Thrown thrown = ThrownBy([&] { CheckSource(source); });
  EXPECT_EQ(thrown.kind, "CompileError");
  EXPECT_EQ(thrown.message,
            "k.c: 1 error\n"
            "k.c:2:4: error: NUL byte in the source text\n"
            "  int?y;\n"
            "     ^");
}

}  // namespace
}  // namespace kiln::jit
