// How C++ types convert to values and back: kinds, ranges, refusals.
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <kiln/any.h>
#include <kiln/function.h>
#include <kiln/traits.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

enum class Level : uint8_t { kLow = 1, kHigh = 200 };
enum Plain { kPlainA, kPlainB = -7 };

template <typename T>
class Integer : public ::testing::Test {};
using Integers = ::testing::Types<int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t,
                                  char, uint64_t>;
TYPED_TEST_SUITE(Integer, Integers);

TYPED_TEST(Integer, BothEndsOfTheRangeComeBack) {
  using Limits = std::numeric_limits<TypeParam>;
  for (const TypeParam value : {Limits::min(), TypeParam{0}, TypeParam{1}, Limits::max()}) {
    const Any any(value);
    EXPECT_EQ(any.type_index(), kTVMFFIInt);
    EXPECT_EQ(any.cast<TypeParam>(), value);
  }
}

TYPED_TEST(Integer, OneBeyondTheRangeIsRefused) {
  using Limits = std::numeric_limits<TypeParam>;
  if constexpr (sizeof(TypeParam) < sizeof(int64_t)) {
    const int64_t above = int64_t{Limits::max()} + 1;
    const int64_t below = int64_t{Limits::min()} - 1;
    EXPECT_EQ(Any(above).try_cast<TypeParam>(), std::nullopt);
    EXPECT_EQ(Any(below).try_cast<TypeParam>(), std::nullopt);
    EXPECT_EQ(Any(std::numeric_limits<int64_t>::min()).try_cast<TypeParam>(), std::nullopt);
  } else {
    EXPECT_TRUE(Any(std::numeric_limits<int64_t>::min()).try_cast<TypeParam>().has_value());
  }
}

TYPED_TEST(Integer, OtherKindsAreRefused) {
  EXPECT_EQ(Any(1.0).try_cast<TypeParam>(), std::nullopt);
  EXPECT_EQ(Any("1").try_cast<TypeParam>(), std::nullopt);
  EXPECT_EQ(Any().try_cast<TypeParam>(), std::nullopt);
  EXPECT_EQ(Any(true).try_cast<TypeParam>(), TypeParam{1});
}

TEST(UnsignedInteger, Of64BitsTravelsAsItsBitPattern) {
  const Any any(std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(any.cast<int64_t>(), -1);
  EXPECT_EQ(any.cast<uint64_t>(), std::numeric_limits<uint64_t>::max());
}

TEST(Bool, HasAKindOfItsOwnAndReadsIntegers) {
  EXPECT_EQ(Any(true).type_index(), kTVMFFIBool);
  EXPECT_TRUE(Any(true).cast<bool>());
  EXPECT_FALSE(Any(0).cast<bool>());
  EXPECT_TRUE(Any(256).cast<bool>());
  EXPECT_EQ(Any(1.0).try_cast<bool>(), std::nullopt);
}

TEST(Float, ReadsFloatsAndIntegers) {
  EXPECT_EQ(Any(0.5f).type_index(), kTVMFFIFloat);
  EXPECT_EQ(Any(0.1).cast<double>(), 0.1);
  EXPECT_EQ(Any(0.1f).cast<float>(), 0.1f);
  EXPECT_EQ(Any(3).cast<double>(), 3.0);
  EXPECT_EQ(Any(true).cast<float>(), 1.0f);
  EXPECT_TRUE(std::isnan(Any(std::nan("")).cast<float>()));
  EXPECT_EQ(Any("0.5").try_cast<double>(), std::nullopt);
}

TEST(Enumeration, TravelsAsAnIntegerInTheRangeOfItsType) {
  EXPECT_EQ(Any(Level::kHigh).type_index(), kTVMFFIInt);
  EXPECT_EQ(Any(Level::kHigh).cast<Level>(), Level::kHigh);
  EXPECT_EQ(Any(256).try_cast<Level>(), std::nullopt);
  EXPECT_EQ(Any(-1).try_cast<Level>(), std::nullopt);
  EXPECT_EQ(Any(kPlainB).cast<int>(), -7);
  EXPECT_EQ(Any(-7).cast<Plain>(), kPlainB);
}

TEST(Pointer, IsOpaqueAndNullIsNone) {
  int target = 0;
  void* pointer = &target;
  EXPECT_EQ(Any(pointer).type_index(), kTVMFFIOpaquePtr);
  EXPECT_EQ(Any(pointer).cast<void*>(), pointer);
  EXPECT_TRUE(Any(static_cast<void*>(nullptr)).is_none());
  EXPECT_EQ(Any().cast<void*>(), nullptr);
  EXPECT_EQ(Any(7).try_cast<void*>(), std::nullopt);
}

TEST(NullPointer, IsNone) {
  EXPECT_TRUE(Any(nullptr).is_none());
  EXPECT_EQ(Any().cast<std::nullptr_t>(), nullptr);
  EXPECT_FALSE(Any(0).try_cast<std::nullptr_t>().has_value());
}

TEST(DlpackValues, ComeBackWhole) {
  const DLDevice device{kDLCUDA, 3};
  const auto device_back = Any(device).cast<DLDevice>();
  EXPECT_EQ(device_back.device_type, kDLCUDA);
  EXPECT_EQ(device_back.device_id, 3);
  const DLDataType dtype{kDLFloat, 16, 4};
  const auto dtype_back = Any(dtype).cast<DLDataType>();
  EXPECT_EQ(dtype_back.code, kDLFloat);
  EXPECT_EQ(dtype_back.bits, 16);
  EXPECT_EQ(dtype_back.lanes, 4);
  EXPECT_FALSE(Any(device).try_cast<DLDataType>().has_value());
  EXPECT_FALSE(Any(dtype).try_cast<DLDevice>().has_value());
}

TEST(Text, IsReadFromEveryRepresentation) {
  const std::string standard = "text";
  for (const AnyView view : {AnyView("text"), AnyView(standard), AnyView(String("text")),
                             AnyView::FromRaw(Any("text").raw())}) {
    EXPECT_EQ(view.cast<std::string>(), "text");
    EXPECT_EQ(view.cast<String>(), "text");
  }
  const Any large("a text that is an object");
  EXPECT_EQ(large.cast<std::string_view>(), "a text that is an object");
  EXPECT_EQ(large.cast<String>().raw().v_obj, large.raw().v_obj);
}

TEST(Text, IsNotReadFromBytesOrNumbers) {
  EXPECT_FALSE(Any(Bytes(std::string_view("x"))).try_cast<String>().has_value());
  EXPECT_FALSE(Any(1).try_cast<std::string>().has_value());
  EXPECT_FALSE(Any("x").try_cast<Bytes>().has_value());
}

TEST(Text, WithAZeroByteIsNotViewedCutOff) {
  const std::string text("ab\0cd", 5);
  const Error error = ThrownBy([&] { const AnyView view(text); });
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_TRUE(Contains(error.message(), "offset 2")) << error.message();
  EXPECT_EQ(AnyView(String(text)).cast<std::string>(), text);
}

TEST(BytesValue, AreReadFromEveryRepresentation) {
  const std::string_view large("\0bytes that are an object", 25);
  EXPECT_EQ(Any(Bytes(large)).cast<Bytes>().view(), large);
  EXPECT_EQ(Any(Bytes(large.substr(0, 3))).cast<Bytes>().view(), large.substr(0, 3));
  const TVMFFIByteArray bytes{large.data(), large.size()};
  TVMFFIAny raw{};
  raw.type_index = kTVMFFIByteArrayPtr;
  raw.v_ptr = const_cast<TVMFFIByteArray*>(&bytes);
  EXPECT_EQ(AnyView::FromRaw(raw).cast<Bytes>().view(), large);
}

TEST(Reference, OfAnotherClassIsRefused) {
  const Any function = Function::FromTyped([] {});
  EXPECT_TRUE(function.try_cast<Function>().has_value());
  EXPECT_TRUE(function.try_cast<ObjectRef>().has_value());
  EXPECT_FALSE(function.try_cast<Error>().has_value());
  EXPECT_FALSE(Any(1).try_cast<ObjectRef>().has_value());
}

TEST(Reference, NoneIsANullOneExceptForErrors) {
  EXPECT_FALSE(Any().cast<Function>().defined());
  EXPECT_FALSE(Any().cast<ObjectRef>().defined());
  EXPECT_FALSE(Any().try_cast<Error>().has_value());
}

TEST(Reference, ACastAddsOneCount) {
  Lives lives;
  const Any any = Counted(&lives);
  const auto ref = any.cast<Counted>();
  EXPECT_EQ(ref.use_count(), 2u);
}

}  // namespace
}  // namespace kiln::testing
