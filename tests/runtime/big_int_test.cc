#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

Any BigInt(const std::vector<int64_t>& words) {
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words.data()), words.size() * 8};
  Any any;
  CheckCall(TVMFFIBigIntFromByteArray(&bytes, any.out()));
  return any;
}

std::vector<int64_t> WordsOf(const Any& any) {
  const TVMFFIByteArray bytes = TVMFFIBigIntGetContentByteArray(&any.raw());
  std::vector<int64_t> words(bytes.size / 8);
  if (!words.empty()) std::memcpy(words.data(), bytes.data, bytes.size);
  return words;
}

using Words = std::vector<int64_t>;

TEST(BigInt, OneWordIsAnInt) {
  for (const int64_t value : {int64_t{0}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    const Any any = BigInt({value});
    EXPECT_EQ(any.type_index(), kTVMFFIInt);
    EXPECT_EQ(any.cast<int64_t>(), value);
    EXPECT_EQ(WordsOf(any), Words{value});
  }
  EXPECT_EQ(BigInt({}).cast<int64_t>(), 0);
}

TEST(BigInt, WordsThatRepeatTheSignAreLeftOut) {
  EXPECT_EQ(BigInt({5, 0, 0}).cast<int64_t>(), 5);
  EXPECT_EQ(BigInt({-5, -1, -1}).cast<int64_t>(), -5);
  EXPECT_EQ(BigInt({0, 0}).cast<int64_t>(), 0);
  EXPECT_EQ(WordsOf(BigInt({1, 2, 0, 0})), (Words{1, 2}));
  EXPECT_EQ(WordsOf(BigInt({1, -2, -1})), (Words{1, -2}));
}

TEST(BigInt, WordsThatCarryTheSignAreKept) {
  EXPECT_EQ(WordsOf(BigInt({-1, 0})), (Words{-1, 0}));
  EXPECT_EQ(WordsOf(BigInt({1, -1})), (Words{1, -1}));
  EXPECT_EQ(WordsOf(BigInt({INT64_MIN, 0})), (Words{INT64_MIN, 0}));
}

TEST(BigInt, ObjectHasTheLayoutOfTheAbi) {
  const Any any = BigInt({1, 2, 3});
  ASSERT_EQ(any.type_index(), kTVMFFIBigInt);
  const auto* bytes = reinterpret_cast<const char*>(any.raw().v_obj);
  size_t count = 0;
  std::memcpy(&count, bytes + 24, sizeof(count));
  EXPECT_EQ(count, 3u);
  EXPECT_EQ(TVMFFIBigIntGetContentByteArray(&any.raw()).data, bytes + 32);
}

TEST(BigInt, BadInputIsAnErrorAndGivesNone) {
  TVMFFIAny any{};
  any.type_index = kTVMFFIInt;
  const TVMFFIByteArray odd{"123456789", 9};
  EXPECT_EQ(TVMFFIBigIntFromByteArray(&odd, &any), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(any.type_index, kTVMFFINone);
  const TVMFFIByteArray null{nullptr, 8};
  EXPECT_EQ(TVMFFIBigIntFromByteArray(&null, &any), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(TVMFFIBigIntFromByteArray(nullptr, &any), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(TVMFFIBigIntFromByteArray(&odd, nullptr), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
}

TEST(BigInt, ContentOfNoIntegerIsEmpty) {
  EXPECT_EQ(WordsOf(Any(1.5)), Words{});
  EXPECT_EQ(TakeRaisedKind(), "TypeError");
  EXPECT_EQ(TVMFFIBigIntGetContentByteArray(nullptr).data, nullptr);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
}

}  // namespace
}  // namespace kiln
