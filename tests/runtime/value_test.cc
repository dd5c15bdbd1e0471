#include <string>

#include <gtest/gtest.h>

#include <kiln/any.h>

namespace kiln {
namespace {

TVMFFIAny StringOf(const std::string& text) {
  const TVMFFIByteArray bytes{text.data(), text.size()};
  TVMFFIAny any{};
  EXPECT_EQ(TVMFFIStringFromByteArray(&bytes, &any), 0);
  return any;
}

TEST(String, SevenBytesAreInlineAndEightAreAnObject) {
  EXPECT_EQ(Any::Adopt(StringOf("1234567")).type_index(), kTVMFFISmallStr);
  EXPECT_EQ(Any::Adopt(StringOf("12345678")).type_index(), kTVMFFIStr);
  EXPECT_EQ(Any::Adopt(StringOf("")).type_index(), kTVMFFISmallStr);
}

TEST(String, ObjectEndsWithAZeroBehindItsLastByte) {
  const std::string text(
      "12345678\0"
      "9",
      10);
  const Any any = Any::Adopt(StringOf(text));
  const TVMFFIByteArray* bytes = TVMFFIBytesGetByteArrayPtr(any.raw().v_obj);
  EXPECT_EQ(std::string(bytes->data, bytes->size), text);
  EXPECT_EQ(bytes->data[bytes->size], '\0');
  EXPECT_EQ(bytes->data, reinterpret_cast<const char*>(bytes + 1));
}

TEST(String, NullDataWithASizeIsRefused) {
  const TVMFFIByteArray bytes{nullptr, 3};
  TVMFFIAny any{};
  EXPECT_EQ(TVMFFIStringFromByteArray(&bytes, &any), -1);
  EXPECT_EQ(TVMFFIBytesFromByteArray(&bytes, &any), -1);
  EXPECT_EQ(any.type_index, kTVMFFINone);
  TVMFFIErrorSetRaised(nullptr);
}

TEST(Any, BorrowedStringBecomesAnOwnedCopy) {
  std::string text = "a text of some length";
  TVMFFIAny view{};
  view.type_index = kTVMFFIRawStr;
  view.v_c_str = text.c_str();
  const Any owned(AnyView::FromRaw(view));
  text.assign(text.size(), 'x');
  EXPECT_EQ(owned.type_index(), kTVMFFIStr);
  EXPECT_EQ(owned.cast<std::string>(), "a text of some length");
}

TEST(Any, ByteArrayBecomesOwnedBytes) {
  const TVMFFIByteArray bytes{"ab\0cd", 5};
  TVMFFIAny view{};
  view.type_index = kTVMFFIByteArrayPtr;
  view.v_ptr = const_cast<TVMFFIByteArray*>(&bytes);
  const Any owned(AnyView::FromRaw(view));
  EXPECT_EQ(owned.type_index(), kTVMFFISmallBytes);
  EXPECT_EQ(owned.cast<Bytes>().view(), std::string_view("ab\0cd", 5));
}

TEST(Any, ObjectGainsAReference) {
  const Any first = Any::Adopt(StringOf("a text of some length"));
  {
    const Any second{AnyView(first)};
    EXPECT_EQ(second.raw().v_obj, first.raw().v_obj);
    EXPECT_EQ(first.raw().v_obj->combined_ref_count & 0xffffffff, 2u);
  }
  EXPECT_EQ(first.raw().v_obj->combined_ref_count & 0xffffffff, 1u);
}

TEST(Any, RValueReferenceMovesTheObjectOut) {
  TVMFFIObject* object = StringOf("a text of some length").v_obj;
  TVMFFIAny view{};
  view.type_index = kTVMFFIObjectRValueRef;
  view.v_ptr = static_cast<void*>(&object);
  const Any owned(AnyView::FromRaw(view));
  EXPECT_EQ(owned.type_index(), kTVMFFIStr);
  EXPECT_EQ(object, nullptr);
  EXPECT_THROW(Any(AnyView::FromRaw(view)), Error);
}

TEST(Any, PlainValuesAreCopiedBitForBit) {
  const Any number(int64_t{-5});
  EXPECT_EQ(number.cast<int64_t>(), -5);
  EXPECT_EQ(Any(2.5).cast<double>(), 2.5);
  EXPECT_TRUE(Any().is_none());
}

TEST(Any, NullStringIsRefused) {
  TVMFFIAny view{};
  view.type_index = kTVMFFIRawStr;
  EXPECT_THROW(Any(AnyView::FromRaw(view)), Error);
}

}  // namespace
}  // namespace kiln
