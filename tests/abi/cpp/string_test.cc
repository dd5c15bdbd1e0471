// Strings and bytes: representation, content, sharing.
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/make_object.h>
#include <kiln/string.h>

namespace kiln::testing {
namespace {

constexpr std::string_view kZeroInside("a\0b", 3);
constexpr std::string_view kZeroInsideLong("0123456789\0abcdef", 17);

uint64_t StrongCount(const String& text) {
  return text.raw().v_obj->combined_ref_count & 0xffffffffu;
}

// A String object of any length, also of one that would fit inline.
struct HeapTextObj : Object, TVMFFIByteArray {
  static constexpr int32_t kTypeIndex = kTVMFFIStr;
  explicit HeapTextObj(const char* text) : TVMFFIByteArray{text, std::strlen(text)} {}
};

String OnTheHeap(const char* text) {
  TVMFFIAny any{};
  any.type_index = kTVMFFIStr;
  any.v_obj = MakeObject<HeapTextObj>(text).release_handle();
  return String::Adopt(any);
}

TEST(String, IsInlineUpToSevenBytes) {
  for (const std::string_view text : {"", "a", "1234567"}) {
    const String string(text);
    EXPECT_EQ(string.raw().type_index, kTVMFFISmallStr);
    EXPECT_EQ(string.raw().small_str_len, text.size());
    EXPECT_EQ(string.view(), text);
  }
}

TEST(String, IsAnObjectFromEightBytesOn) {
  const String string("12345678");
  EXPECT_EQ(string.raw().type_index, kTVMFFIStr);
  EXPECT_EQ(string.raw().zero_padding, 0u);
  EXPECT_EQ(string.view(), "12345678");
  EXPECT_EQ(String(std::string(100000, 'x')).size(), 100000u);
}

TEST(String, IsZeroTerminatedAtEveryLength) {
  for (size_t length = 0; length < 20; ++length) {
    const String string(std::string(length, 'x'));
    EXPECT_EQ(std::strlen(string.c_str()), length);
  }
}

TEST(String, KeepsZeroBytes) {
  EXPECT_EQ(String(kZeroInside).view(), kZeroInside);
  EXPECT_EQ(String(kZeroInsideLong).view(), kZeroInsideLong);
  EXPECT_EQ(String(std::string(kZeroInside)).size(), 3u);
}

TEST(String, IsMadeOfAnEmptyView) {
  EXPECT_EQ(String(std::string_view()), "");
  EXPECT_TRUE(String().empty());
  EXPECT_FALSE(String().absent());
}

TEST(String, IsNotMadeOfANullPointer) {
  static_assert(!std::is_constructible_v<String, std::nullptr_t>);
}

TEST(String, CopiesShareOneObject) {
  const String string("longer than inline");
  const String copy = string;
  EXPECT_EQ(copy.data(), string.data());
  EXPECT_EQ(StrongCount(string), 2u);
}

TEST(String, IsEmptyOnceMovedFrom) {
  String large("longer than inline");
  const String moved = std::move(large);
  EXPECT_EQ(StrongCount(moved), 1u);
  EXPECT_EQ(large, "");  // NOLINT(bugprone-use-after-move)
  EXPECT_FALSE(large.absent());
  large = "again";
  EXPECT_EQ(large, "again");
}

TEST(String, SurvivesAssignmentToItself) {
  String string("longer than inline");
  String& same = string;
  string = same;
  EXPECT_EQ(string, "longer than inline");
  string = std::move(same);
  EXPECT_EQ(string, "longer than inline");
  EXPECT_EQ(StrongCount(string), 1u);
}

TEST(String, ComparesWithEveryKindOfText) {
  const String string("kernel");
  EXPECT_TRUE(string == "kernel");
  EXPECT_TRUE("kernel" == string);
  EXPECT_TRUE(string == std::string("kernel"));
  EXPECT_TRUE(std::string("kernel") == string);
  EXPECT_TRUE(string == std::string_view("kernel"));
  EXPECT_TRUE(string == String("kernel"));
  EXPECT_TRUE(string != String("kerne"));
  EXPECT_TRUE(string != std::string("Kernel"));
}

TEST(String, ComparesByContentAndNotByRepresentation) {
  EXPECT_EQ(OnTheHeap("abc"), String("abc"));
  EXPECT_NE(String(kZeroInside), String("a"));
}

TEST(String, ReleaseHandsTheCountOver) {
  String string("longer than inline");
  const String copy = string;
  const TVMFFIAny any = string.release();
  EXPECT_TRUE(string.absent());
  EXPECT_EQ(StrongCount(copy), 2u);
  {
    const String adopted = String::Adopt(any);
  }
  EXPECT_EQ(StrongCount(copy), 1u);
}

TEST(Bytes, HaveKindsOfTheirOwn) {
  EXPECT_EQ(Bytes(std::string_view("1234567")).raw().type_index, kTVMFFISmallBytes);
  EXPECT_EQ(Bytes(std::string_view("12345678")).raw().type_index, kTVMFFIBytes);
  EXPECT_EQ(Bytes().raw().type_index, kTVMFFISmallBytes);
}

TEST(Bytes, KeepEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(Bytes(all).view(), all);
  EXPECT_TRUE(Bytes(all) == Bytes(all));
  EXPECT_FALSE(Bytes(all) == Bytes(std::string_view(all).substr(1)));
}

}  // namespace
}  // namespace kiln::testing
