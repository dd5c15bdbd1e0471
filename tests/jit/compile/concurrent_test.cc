#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/compile/compile.h"

namespace kiln::jit {
namespace {

constexpr int kThreads = 2;
constexpr int kRounds = 10;

TEST(Compilers, TwoThreadsCompileAtOnce) {
  const std::string c = "#include <stdint.h>\nint64_t __tvm_ffi_f(int64_t x) { return x * 3; }\n";
  const std::string ir = "define i64 @__tvm_ffi_g(i64 %x) { %y = mul i64 %x, 3 ret i64 %y }\n";
  const Artifact c_alone = CompileC(c, Hermetic());
  const Artifact ir_alone = CompileIr(ir);

  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        if (CompileC(c, Hermetic()) != c_alone) ++wrong;
        if (CompileIr(ir) != ir_alone) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Compilers, TwoThreadsShareThePrecompiledHeadersOfCxx) {
  CompileOptions options = Hermetic();
  options.headers = {{"sum.h", "template <typename T> T Sum(T a, T b) { return a + b; }\n"}};
  const std::string text =
      "#include <sum.h>\n#include <stdint.h>\nint64_t f(int64_t x) { return Sum(x, x); }\n";
  const std::string alone = CompileCxx("#include <stdint.h>\n" + text, options).objects[0];
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        if (CompileCxx(text, options).objects[0] != alone) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Compilers, AnErrorOnOneThreadDoesNotReachAnother) {
  std::atomic<int> wrong = 0;
  std::thread failing([&] {
    for (int i = 0; i < kRounds; ++i) {
      if (ThrownBy([] { CompileC("int f(void) { return missing; }", Hermetic()); }).kind !=
          "CompileError") {
        ++wrong;
      }
    }
  });
  std::thread working([&] {
    for (int i = 0; i < kRounds; ++i) {
      if (!CompileC("int f(void) { return 1; }", Hermetic()).warnings.empty()) ++wrong;
    }
  });
  failing.join();
  working.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace kiln::jit
