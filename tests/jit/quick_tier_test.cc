// The quick tier through the whole engine: its results are those of every other level, to the bit.
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "jit/session.h"
#include "kiln/kiln.h"
#include "tests/kernels/polybench/problems.h"

namespace kiln::jit {
namespace {

using testing::Arguments;
using testing::Problem;

CompileOptions QuickOptions() {
  CompileOptions options;
  options.quick_tier = true;
  return options;
}

class QuickTier : public ::testing::TestWithParam<Problem> {
 protected:
  std::string BytesOf(const std::string& text, Language language, CompileOptions options) const {
    const Problem& problem = GetParam();
    options.exports = {problem.name};
    if (language != Language::kLlvmIr) options.headers = {{"polybench.h", testing::HeaderText()}};
    Request request;
    request.sources = {{language, problem.name, text}};
    request.options = std::move(options);
    const Module module = DefaultSession().Compile(std::move(request));
    const Arguments arguments = problem.make(problem.small);
    testing::Call(module.GetFunction(problem.name), arguments);
    return testing::BytesOf(arguments);
  }
};

TEST_P(QuickTier, GivesTheBitsOfOtherLevels) {
  const std::string source = testing::SourceOf(GetParam());
  const std::string expected = BytesOf(source, Language::kC, CompileOptions());
  CompileOptions options = QuickOptions();
  for (const int level : {1, 2, 3}) {
    options.opt_level = level;
    EXPECT_TRUE(BytesOf(source, Language::kC, options) == expected) << "C, opt_level " << level;
  }
  EXPECT_TRUE(BytesOf(source, Language::kCxx, QuickOptions()) == expected) << "C++";
}

TEST_P(QuickTier, TakesLlvmIr) {
  for (const int level : {1, 2}) {
    const std::string text = testing::IrOf(GetParam(), level);
    EXPECT_TRUE(BytesOf(text, Language::kLlvmIr, QuickOptions()) ==
                BytesOf(text, Language::kLlvmIr, CompileOptions()))
        << "IR of clang -O" << level;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, QuickTier, ::testing::ValuesIn(testing::Problems()),
                         [](const auto& info) { return info.param.name; });

Module Compile(const std::string& text, CompileOptions options) {
  Request request;
  request.sources = {{Language::kCxx, "k.cc", text}};
  request.options = std::move(options);
  return DefaultSession().Compile(std::move(request));
}

TEST(QuickTierCode, ThrowsAndCatches) {
  CompileOptions options = QuickOptions();
  options.exports = {"half"};
  const Module module = Compile(R"(
#include <stdexcept>
#include <string>
#include <vector>
static int Checked(int x) {
  if (x % 2 != 0) throw std::invalid_argument("odd: " + std::to_string(x));
  return x / 2;
}
int half(int x) {
  try {
    if (x == 3) Checked(x);
  } catch (const std::exception& error) {
    return static_cast<int>(std::string(error.what()).size());
  }
  return Checked(x);
}
)",
                                options);
  EXPECT_EQ(module.GetFunction("half")(8).cast<int>(), 4);
  EXPECT_EQ(module.GetFunction("half")(3).cast<int>(), 6);
  EXPECT_THROW(module.GetFunction("half")(5), Error);
}

TEST(QuickTierCode, HasCoroutines) {
  CompileOptions options = QuickOptions();
  options.exports = {"sum"};
  const Module module = Compile(R"(
#include <coroutine>
struct Numbers {
  struct promise_type {
    int value = 0;
    Numbers get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int x) { value = x; return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};
Numbers upto(int n) { for (int i = 1; i <= n; ++i) co_yield i; }
int sum(int n) {
  Numbers numbers = upto(n);
  int total = 0;
  for (numbers.handle.resume(); !numbers.handle.done(); numbers.handle.resume()) {
    total += numbers.handle.promise().value;
  }
  numbers.handle.destroy();
  return total;
}
)",
                                options);
  EXPECT_EQ(module.GetFunction("sum")(10).cast<int>(), 55);
}

TEST(QuickTierCode, IsMadeAtTheLevelWhereSanitizersAreAskedFor) {
  CompileOptions options = QuickOptions();
  options.exports = {"twice"};
  options.sanitize = {"undefined"};
  const Module module = Compile("int twice(int x) { return x + x; }", options);
  EXPECT_EQ(module.GetFunction("twice")(4).cast<int>(), 8);
  EXPECT_THROW(module.GetFunction("twice")(2000000000), Error);
}

}  // namespace
}  // namespace kiln::jit
