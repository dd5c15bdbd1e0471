// sanitize 'address' through `kiln`: it needs a process that was started under AddressSanitizer.
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/command_line.h"

namespace kiln::testing {
namespace {

using KilnSanitize = CommandTest;

// The environment of a process that runs under AddressSanitizer.
const std::string kUnderAddressSanitizer =
    "ASAN_OPTIONS=detect_leaks=0:use_sigaltstack=0 LD_PRELOAD=" KILN_ASAN_LIBRARY;

// Reads the element one past `n` where `past` is 1, of the heap, the stack and the globals.
constexpr std::string_view kReads = R"(
#include <stdlib.h>
static int numbers[4] = {1, 2, 3, 4};
int of_globals(int i) { return numbers[i]; }
int of_the_stack(int i) {
  volatile int values[4] = {5, 6, 7, 8};
  return values[i];
}
int of_the_heap(int i) {
  int* values = malloc(4 * sizeof(int));
  values[3] = 9;
  int value = values[i];
  free(values);
  return value;
}
)";

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_F(KilnSanitize, AddressSanitizerSeesReadsOutOfBounds) {
  Write("k.c", kReads);
  const struct {
    const char* function;
    const char* at_three;
    const char* at_four;
  } cases[] = {{"of_globals", "result: 4\n", "global-buffer-overflow"},
               {"of_the_stack", "result: 8\n", "stack-buffer-overflow"},
               {"of_the_heap", "result: 9\n", "heap-buffer-overflow"}};
  for (const char* level : {"0", "2"}) {
    for (const auto& [function, at_three, at_four] : cases) {
      const auto run = [&](const char* index) {
        return Kiln({"run", "k.c", "-O", level, "--option", "exports=all", "--option",
                     "sanitize=address", "--fn", function, index},
                    kUnderAddressSanitizer);
      };
      const Ended good = run("3");
      EXPECT_EQ(good.out, at_three) << function << " at O" << level << good.err;
      const Ended bad = run("4");
      EXPECT_NE(bad.status, 0) << function << " at O" << level;
      EXPECT_TRUE(Has(bad.err, at_four)) << function << " at O" << level << bad.err;
    }
  }
}

#ifndef __SANITIZE_ADDRESS__
TEST_F(KilnSanitize, AddressSanitizerIsRefusedInAProcessWithoutIt) {
  Write("k.c", kReads);
  const Ended ended = Kiln({"compile", "k.c", "--option", "sanitize=address", "-o", "k.kiln"});
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_TRUE(Has(ended.err, "sanitize 'address' needs a process that runs under AddressSanitizer"))
      << ended.err;
}
#endif

}  // namespace
}  // namespace kiln::testing
