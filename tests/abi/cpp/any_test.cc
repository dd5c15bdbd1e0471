// Any and AnyView: who owns what, and what lives how long.
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/any.h>
#include <kiln/function.h>
#include <kiln/tensor.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

constexpr const char* kLong = "longer than inline";

// Whether a `T` may be cast from an Any that dies with the expression.
template <typename T>
concept CastFromTemporary = requires(Any&& any) { std::move(any).template cast<T>(); };
template <typename T>
concept CastFromVariable = requires(Any& any) { any.template cast<T>(); };

static_assert(CastFromVariable<std::string_view> && !CastFromTemporary<std::string_view>);
static_assert(CastFromVariable<TensorView> && !CastFromTemporary<TensorView>);
static_assert(CastFromVariable<DLTensor*> && !CastFromTemporary<DLTensor*>);
static_assert(CastFromVariable<AnyView> && !CastFromTemporary<AnyView>);
static_assert(CastFromTemporary<String> && CastFromTemporary<Tensor> && CastFromTemporary<int>);

// A view of a tensor is not made an owned value by accident.
static_assert(!std::is_constructible_v<Any, TensorView>);
static_assert(!std::is_constructible_v<Any, DLTensor*>);
static_assert(std::is_constructible_v<AnyView, TensorView>);

// Pointers of other types do not slip in as bool.
static_assert(!std::is_constructible_v<AnyView, int*>);
static_assert(!std::is_constructible_v<Any, const void*>);

TEST(AnyView, IsNoneByDefault) {
  const AnyView none;
  EXPECT_TRUE(none.is_none());
  EXPECT_EQ(none.raw().zero_padding, 0u);
  EXPECT_EQ(none.raw().v_int64, 0);
}

TEST(AnyView, AddsNoCount) {
  Lives lives;
  const Counted ref(&lives);
  const AnyView view = ref;
  EXPECT_EQ(view.raw().v_obj, ref.handle());
  EXPECT_EQ(ref.use_count(), 1u);
}

TEST(AnyView, OfAnAnySharesItsValue) {
  const Any any(kLong);
  const AnyView view = any;
  EXPECT_EQ(view.raw().v_obj, any.raw().v_obj);
  EXPECT_EQ(view.cast<std::string>(), kLong);
}

TEST(AnyView, OfANullCStringIsNone) {
  const char* null = nullptr;
  EXPECT_TRUE(AnyView(null).is_none());
  EXPECT_TRUE(Any(null).is_none());
}

TEST(AnyView, OfANullReferenceIsNone) { EXPECT_TRUE(AnyView(Counted()).is_none()); }

TEST(Any, HoldsOneCountOfAnObject) {
  Lives lives;
  {
    const Counted ref(&lives);
    const Any any = ref;
    EXPECT_EQ(ref.use_count(), 2u);
    const Any copy = any;
    EXPECT_EQ(ref.use_count(), 3u);
  }
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Any, IsNoneOnceMovedFrom) {
  Lives lives;
  Any any = Counted(&lives);
  const Any moved = std::move(any);
  EXPECT_TRUE(any.is_none());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved.cast<ObjectRef>().use_count(), 2u);
}

TEST(Any, SurvivesAssignmentToItself) {
  Lives lives;
  Any any = Counted(&lives, 9);
  Any& same = any;
  any = same;
  any = std::move(same);
  EXPECT_EQ(any.cast<Counted>()->value, 9);
  EXPECT_EQ(lives.destroyed, 0);
}

TEST(Any, AssigningReleasesWhatWasThere) {
  Lives lives;
  Any any = Counted(&lives);
  any = 3;
  EXPECT_EQ(lives.destroyed, 1);
  EXPECT_EQ(any.cast<int>(), 3);
}

TEST(Any, CopiesTextThatItIsMadeFrom) {
  std::array<char, 32> buffer{};
  std::strcpy(buffer.data(), kLong);
  const Any from_pointer(static_cast<const char*>(buffer.data()));
  const Any from_view(AnyView(static_cast<const char*>(buffer.data())));
  buffer.fill('x');
  EXPECT_EQ(from_pointer.cast<std::string>(), kLong);
  EXPECT_EQ(from_view.cast<std::string>(), kLong);
  EXPECT_EQ(from_pointer.type_index(), kTVMFFIStr);
}

TEST(Any, KeepsEveryByteOfText) {
  const std::string_view text("0123456789\0abc", 14);
  EXPECT_EQ(Any(text).cast<String>(), text);
  EXPECT_EQ(Any(std::string(text)).cast<String>(), text);
  EXPECT_EQ(Any(text.substr(0, 4)).cast<String>(), "0123");
}

TEST(Any, CopiesBytesThatItIsMadeFrom) {
  std::string buffer("ab\0cd longer than inline", 24);
  const std::string original = buffer;
  const TVMFFIByteArray bytes{buffer.data(), buffer.size()};
  TVMFFIAny raw{};
  raw.type_index = kTVMFFIByteArrayPtr;
  raw.v_ptr = const_cast<TVMFFIByteArray*>(&bytes);
  const Any any(AnyView::FromRaw(raw));
  buffer.assign(24, 'x');
  EXPECT_EQ(any.cast<Bytes>().view(), original);
}

TEST(Any, TakesOverAnRvalueReference) {
  Lives lives;
  Counted ref(&lives);
  TVMFFIObject* slot = ref.release_handle();
  TVMFFIAny raw{};
  raw.type_index = kTVMFFIObjectRValueRef;
  raw.v_ptr = static_cast<void*>(&slot);
  {
    const Any any(AnyView::FromRaw(raw));
    EXPECT_EQ(slot, nullptr);
    EXPECT_EQ(any.type_index(), kTVMFFIObject);
  }
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Any, ReleaseAndAdoptMoveTheCount) {
  Lives lives;
  Any any = Counted(&lives);
  const TVMFFIAny raw = any.release();
  EXPECT_TRUE(any.is_none());
  EXPECT_EQ(lives.destroyed, 0);
  {
    const Any adopted = Any::Adopt(raw);
  }
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Any, OutDropsTheOldValueFirst) {
  Lives lives;
  Any any = Counted(&lives);
  TVMFFIAny* out = any.out();
  EXPECT_EQ(lives.destroyed, 1);
  EXPECT_EQ(out->type_index, kTVMFFINone);
  out->type_index = kTVMFFIInt;
  out->v_int64 = 5;
  EXPECT_EQ(any.cast<int>(), 5);
}

TEST(Any, ACastViewOfAShortTextPointsIntoTheAny) {
  const Any any("short");
  const auto view = any.cast<std::string_view>();
  EXPECT_EQ(static_cast<const void*>(view.data()), static_cast<const void*>(any.raw().v_bytes));
}

TEST(Any, AWrongCastNamesBothTypes) {
  const Error error = ThrownBy([] { Any("text").cast<int32_t>(); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "expected int (32 bits), got ffi.String");
}

TEST(Any, AValueOutOfRangeIsNamed) {
  const Error error = ThrownBy([] { Any(300).cast<int8_t>(); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "expected int (8 bits), got int 300");
}

TEST(Any, ACastToAnyOwnsAndACastToAnyViewBorrows) {
  Lives lives;
  const Counted ref(&lives);
  const Any any = ref;
  {
    const Any second = any.cast<Any>();
    const auto view = any.cast<AnyView>();
    EXPECT_EQ(view.raw().v_obj, ref.handle());
    EXPECT_EQ(ref.use_count(), 3u);
  }
  EXPECT_EQ(ref.use_count(), 2u);
}

TEST(Describe, AnUnknownKindIsDescribedAndNotFatal) {
  for (const int32_t kind : {-1, 14, 63, 79, 127}) {
    TVMFFIAny raw{};
    raw.type_index = kind;
    EXPECT_EQ(Describe(raw), "unknown type " + std::to_string(kind));
  }
}

TEST(Describe, NamesTheKindAndTheInteger) {
  EXPECT_EQ(Describe(AnyView().raw()), "None");
  EXPECT_EQ(Describe(AnyView(-5).raw()), "int -5");
  EXPECT_EQ(Describe(Any("x").raw()), "ffi.String");
  EXPECT_EQ(Describe(Any(kLong).raw()), "ffi.String");
  EXPECT_EQ(Describe(Any(Bytes(std::string_view("x"))).raw()), "ffi.Bytes");
}

}  // namespace
}  // namespace kiln::testing
