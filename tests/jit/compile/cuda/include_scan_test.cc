#include "jit/compile/cuda/include_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(IncludeScan, EndsThePrefixAtTheLastIncludeBeforeCode) {
  const IncludeScan scan = ScanIncludes(
      "// text\n"
      "/* more\n"
      "   text */ #include <a.h>\n"
      "#define X \\\n"
      "  1\n"
      " # include \"b/c.h\"  // why\n"
      "\n"
      "#define Y\n"
      "int x;\n"
      "#include <d.h>\n");
  EXPECT_THAT(scan.leading, ElementsAre("a.h", "b/c.h"));
  EXPECT_THAT(scan.all, ElementsAre("a.h", "b/c.h", "d.h"));
  EXPECT_TRUE(scan.prefix.ends_with("// why\n"));
  EXPECT_FALSE(scan.has_computed);
}

TEST(IncludeScan, SeesIncludesWhoseNameIsAMacro) {
  EXPECT_TRUE(ScanIncludes("#include HEADER\n").has_computed);
}

TEST(IncludeScan, TakesAnyText) {
  for (const char* text : {"", "\n", "/*", "/* x */", "#", "#include", "#include <", "#include \"x",
                           "\\\n", "#include <x>", "x"}) {
    EXPECT_LE(ScanIncludes(text).all.size(), 1U) << text;
  }
  EXPECT_THAT(ScanIncludes("// #include <x>\n/* \n#include <y>\n*/").all, IsEmpty());
}

}  // namespace
}  // namespace kiln::jit
