#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <kiln/error.h>

namespace kiln {
namespace {

Error TakeRaised() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  EXPECT_NE(handle, nullptr);
  return Error(ObjectPtr<ErrorObj>::AdoptHandle(handle));
}

bool NothingIsRaised() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  TVMFFIObjectDecRef(handle);
  return handle == nullptr;
}

TEST(Error, RaisedErrorIsTakenOnce) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "wrong");
  const Error error = TakeRaised();
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_EQ(error.message(), "wrong");
  EXPECT_TRUE(NothingIsRaised());
}

TEST(Error, PartsAreJoinedAndNullPartsSkipped) {
  const char* parts[] = {"a", nullptr, "b", "c"};
  TVMFFIErrorSetRaisedFromCStrParts("TypeError", parts, 4);
  EXPECT_EQ(TakeRaised().message(), "abc");
  TVMFFIErrorSetRaisedFromCStrParts("TypeError", nullptr, 0);
  EXPECT_EQ(TakeRaised().message(), "");
}

TEST(Error, NullKindAndMessageStillRaise) {
  TVMFFIErrorSetRaisedFromCStr(nullptr, nullptr);
  const Error error = TakeRaised();
  EXPECT_EQ(error.kind(), "RuntimeError");
  EXPECT_EQ(error.message(), "");
}

TEST(Error, EachThreadHasItsOwn) {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "of the main thread");
  std::thread([] {
    EXPECT_TRUE(NothingIsRaised());
    TVMFFIErrorSetRaisedFromCStr("ValueError", "left behind by a thread that ends");
  }).join();
  EXPECT_EQ(TakeRaised().message(), "of the main thread");
}

TEST(Error, RaisingAgainReleasesTheEarlierOne) {
  const Error first("ValueError", "first");
  TVMFFIErrorSetRaised(first.handle());
  EXPECT_EQ(first.use_count(), 2u);
  TVMFFIErrorSetRaisedFromCStr("ValueError", "second");
  EXPECT_EQ(first.use_count(), 1u);
  TVMFFIErrorSetRaised(nullptr);
  EXPECT_TRUE(NothingIsRaised());
}

TEST(Error, BacktraceIsReplacedAndAppended) {
  const Error error("ValueError", "wrong", "one\n");
  error.AppendBacktrace("two\n");
  EXPECT_EQ(error.backtrace(), "one\ntwo\n");
  const TVMFFIByteArray other{"three\n", 6};
  error.get()->update_backtrace(error.handle(), &other, kTVMFFIBacktraceUpdateModeReplace);
  EXPECT_EQ(error.backtrace(), "three\n");
}

TEST(Error, CauseAndExtraContextLiveAsLongAsTheError) {
  const Error cause("IndexError", "why");
  const Error context("Note", "more");
  {
    const Error error("ValueError", "wrong", "", &cause, context);
    EXPECT_EQ(cause.use_count(), 2u);
    EXPECT_EQ(context.use_count(), 2u);
    const std::optional<Error> found = error.cause();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->message(), "why");
    EXPECT_TRUE(error.extra_context().same_as(context));
  }
  EXPECT_EQ(cause.use_count(), 1u);
  EXPECT_EQ(context.use_count(), 1u);
}

TEST(Error, LongChainOfCausesIsReleasedWithoutADeepStack) {
  Error error("ValueError", "first");
  for (int i = 0; i < 300000; ++i) error = Error("ValueError", "next", "", &error, ObjectRef());
  SUCCEED();
}

TEST(Error, SharedLinkOfAChainOfCausesSurvives) {
  const Error root("ValueError", "root");
  const Error middle("ValueError", "middle", "", &root, ObjectRef());
  {
    const Error top("ValueError", "top", "", &middle, ObjectRef());
  }
  const std::optional<Error> cause = middle.cause();
  ASSERT_TRUE(cause.has_value());
  EXPECT_EQ(cause->message(), "root");
}

TEST(Error, NullTextIsEmptyText) {
  TVMFFIObjectHandle handle = nullptr;
  const TVMFFIByteArray none{nullptr, 0};
  ASSERT_EQ(TVMFFIErrorCreate(&none, &none, nullptr, &handle), 0);
  const Error error{ObjectPtr<ErrorObj>::AdoptHandle(handle)};
  EXPECT_EQ(error.kind(), "");
  EXPECT_EQ(error.backtrace(), "");
}

}  // namespace
}  // namespace kiln
