// Errors: what they carry, and how exceptions and return codes become each other.
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/error.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

TEST(Error, CarriesKindAndMessage) {
  const Error error("ValueError", "opt_level must be 0..3, got 7");
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_EQ(error.message(), "opt_level must be 0..3, got 7");
  EXPECT_STREQ(error.what(), "ValueError: opt_level must be 0..3, got 7");
  EXPECT_EQ(error.backtrace(), "");
  EXPECT_FALSE(error.cause().has_value());
  EXPECT_FALSE(error.extra_context().defined());
  EXPECT_EQ(error.type_index(), kTVMFFIError);
}

TEST(Error, KeepsMessagesOfAnyContent) {
  const std::string_view zero_inside("a\0b", 3);
  EXPECT_EQ(Error("ValueError", zero_inside).message(), zero_inside);
  EXPECT_EQ(Error("", "").kind(), "");
  EXPECT_EQ(Error("ValueError", std::string(1 << 20, 'x')).message().size(), size_t{1} << 20);
}

TEST(Error, IsAStandardException) {
  try {
    throw Error("TypeError", "wrong");
  } catch (const std::exception& error) {
    EXPECT_STREQ(error.what(), "TypeError: wrong");
  }
}

TEST(Error, HoldsItsCauseAndContextAndReleasesThem) {
  Lives lives;
  const Error cause("IOError", "no such file");
  {
    const Counted context(&lives, 11);
    const Error error("CompileError", "no source", "frame\n", &cause, context);
    EXPECT_EQ(cause.use_count(), 2u);
    ASSERT_TRUE(error.cause().has_value());
    EXPECT_TRUE(error.cause()->same_as(cause));
    EXPECT_EQ(error.cause()->message(), "no such file");
    EXPECT_TRUE(error.extra_context().same_as(context));
    EXPECT_EQ(error.backtrace(), "frame\n");
  }
  EXPECT_EQ(cause.use_count(), 1u);
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Error, AppendsToItsBacktraceForAllCopies) {
  const Error error("RuntimeError", "stop", "inner\n");
  const Error copy = error;
  copy.AppendBacktrace("outer\n");
  EXPECT_EQ(error.backtrace(), "inner\nouter\n");
}

TEST(Error, IsNeverNullNotEvenMovedFrom) {
  Error error("RuntimeError", "stop");
  const Error moved = std::move(error);
  EXPECT_EQ(error.message(), "stop");  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(moved.same_as(error));
  static_assert(std::is_nothrow_copy_constructible_v<Error>);
}

TEST(Error, AssignmentSharesTheOtherObject) {
  Error error("RuntimeError", "first");
  EXPECT_STREQ(error.what(), "RuntimeError: first");
  error = Error("TypeError", "second");
  EXPECT_STREQ(error.what(), "TypeError: second");
  Error& same = error;
  error = same;
  EXPECT_EQ(error.message(), "second");
}

TEST(SafeCall, ReturnsZeroWhereNothingIsThrown) {
  int calls = 0;
  EXPECT_EQ(SafeCall([&] { ++calls; }), 0);
  EXPECT_EQ(calls, 1);
}

TEST(SafeCall, RaisesTheVeryErrorThatWasThrown) {
  const Error original("KeyError", "no option 'opt'");
  ASSERT_EQ(SafeCall([&] { throw Error(original); }), -1);
  EXPECT_EQ(original.use_count(), 2u);
  const Error raised = ThrownBy([] { CheckCall(-1); });
  EXPECT_TRUE(raised.same_as(original));
  EXPECT_EQ(original.use_count(), 2u);
}

TEST(SafeCall, AForeignExceptionBecomesAnInternalError) {
  ASSERT_EQ(SafeCall([] { throw std::out_of_range("index 9"); }), -1);
  const Error error = ThrownBy([] { CheckCall(-1); });
  EXPECT_EQ(error.kind(), "InternalError");
  EXPECT_EQ(error.message(), "index 9");
}

TEST(SafeCall, AThrownIntegerBecomesAnInternalError) {
  ASSERT_EQ(SafeCall([] { throw 42; }), -1);
  EXPECT_EQ(ThrownBy([] { CheckCall(-1); }).kind(), "InternalError");
}

TEST(SafeCall, LackOfMemoryBecomesAMemoryError) {
  ASSERT_EQ(SafeCall([] { throw std::bad_alloc(); }), -1);
  EXPECT_EQ(ThrownBy([] { CheckCall(-1); }).kind(), "MemoryError");
}

TEST(CheckCall, ZeroThrowsNothing) { EXPECT_NO_THROW(CheckCall(0)); }

TEST(CheckCall, AFailureWithoutAnErrorSaysSo) {
  const Error error = ThrownBy([] { CheckCall(-1); });
  EXPECT_EQ(error.kind(), "InternalError");
  EXPECT_EQ(error.message(), "a call returned failure without raising an error");
}

TEST(CheckCall, TakesTheErrorAwayFromTheThread) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "once");
  EXPECT_EQ(ThrownBy([] { CheckCall(-1); }).message(), "once");
  EXPECT_EQ(ThrownBy([] { CheckCall(-1); }).kind(), "InternalError");
}

}  // namespace
}  // namespace kiln::testing
