// Compiles that take more memory than they may. Not in builds with sanitizers, whose allocators end
// a process without memory in ways of their own.
#include <string>

#include <gtest/gtest.h>

#include "tests/jit/worker/isolated.h"

namespace kiln::testing {
namespace {

TEST(WorkerLimits, ACompilerThatTakesTooMuchMemoryIsAMemoryError) {
  // Each level doubles what the compiler keeps.
  std::string source = "struct s0 { int a[2]; };\n#define A0 1,\n";
  for (int level = 1; level < 28; ++level) {
    const std::string below = "A" + std::to_string(level - 1);
    source += "#define A" + std::to_string(level) + " " + below + " " + below + "\n";
  }
  source += "int many[] = { A27 };";
  const std::string error =
      CompileError(source, {.name = "large.c", .more = {{"max_memory_mb", 200}}});
  EXPECT_EQ(error,
            "MemoryError: the compile of 'large.c' needs more than max_memory_mb = 200 and was "
            "stopped; allow more memory, or simplify the code");
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

TEST(WorkerLimits, OneHugeRequestOfMemoryIsAMemoryErrorToo) {
  const std::string error = CompileError("char huge[1ul << 36] = {1, 2, 3};",
                                         {.name = "huge.c", .more = {{"max_memory_mb", 100}}});
  EXPECT_TRUE(error.starts_with("MemoryError: the compile of 'huge.c' needs more")) << error;
  EXPECT_EQ(AnswerOfGoodCode(), 42);
}

TEST(WorkerLimits, ALimitOfOneCompileIsNoLimitOfTheNext) {
  EXPECT_EQ(AnswerOfGoodCode(), 42);
  const Module small = jit::Compile("int f(void) { return 3; }",
                                    Isolated({.name = "k.c", .more = {{"max_memory_mb", 300}}}));
  const std::string numbers = "int many[] = {" + [] {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += "1,";
    return text;
  }() + "};";
  EXPECT_EQ(
      CompileError(numbers, {.name = "many.c", .more = {{"max_memory_mb", 20}}}).substr(0, 11),
      "MemoryError");
  EXPECT_EQ(CompileError(numbers, {.name = "many.c"}), "no error");
}

}  // namespace
}  // namespace kiln::testing
