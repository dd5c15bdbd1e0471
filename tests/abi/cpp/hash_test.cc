// Which values are the same key.
#include <cmath>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/array.h>
#include <kiln/dict.h>
#include <kiln/function.h>
#include <kiln/hash.h>
#include <kiln/make_object.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

bool Same(const Any& a, const Any& b) {
  const bool same = AnyEqual(a, b);
  EXPECT_EQ(same, AnyEqual(b, a));
  if (same) {
    EXPECT_EQ(AnyHash(a), AnyHash(b));
  }
  return same;
}

// Text of any length as a heap object, which other runtimes may make even of short text.
Any HeapText(std::string_view text, int32_t kind) {
  struct TextObj : Object, TVMFFIByteArray {
    explicit TextObj(std::string_view text) : copy(text) {
      data = copy.data();
      size = copy.size();
    }
    std::string copy;
  };
  ObjectPtr<TextObj> object = MakeObject<TextObj>(text);
  object.header()->type_index = kind;
  TVMFFIAny any{};
  any.type_index = kind;
  any.v_obj = object.release_handle();
  return Any::Adopt(any);
}

TEST(Hash, TextIsComparedByItsContent) {
  EXPECT_TRUE(Same(String("seven.."), HeapText("seven..", kTVMFFIStr)));
  EXPECT_TRUE(Same(String(""), HeapText("", kTVMFFIStr)));
  EXPECT_TRUE(Same(String("longer than inline"), String("longer than inline")));
  EXPECT_FALSE(Same(String("longer than inline"), String("longer than inlinE")));
  EXPECT_FALSE(Same(String("a"), String(std::string_view("a\0", 2))));
}

TEST(Hash, BytesAreNotText) {
  EXPECT_TRUE(Same(Bytes("abc"), HeapText("abc", kTVMFFIBytes)));
  EXPECT_FALSE(Same(Bytes("abc"), String("abc")));
  EXPECT_FALSE(Same(Bytes("longer than inline"), String("longer than inline")));
}

TEST(Hash, NumbersOfDifferentKindsDiffer) {
  EXPECT_TRUE(Same(1, 1));
  EXPECT_FALSE(Same(1, true));
  EXPECT_FALSE(Same(1, 1.0));
  EXPECT_FALSE(Same(0.0, -0.0));
  EXPECT_TRUE(Same(std::nan(""), std::nan("")));
  EXPECT_TRUE(Same(nullptr, nullptr));
  EXPECT_FALSE(Same(nullptr, 0));
}

TEST(Hash, ObjectsEqualThemselvesAlone) {
  const Array<int> a = {1};
  EXPECT_TRUE(Same(a, a));
  EXPECT_FALSE(Same(a, Array<int>{1}));
}

// A class whose objects are equal if their last digits are.
struct DigitObj : Object {
  explicit DigitObj(int64_t number) : number(number) {}
  int64_t number;
};

int64_t DigitOf(const Any& any) {
  const auto object = any.cast<ObjectRef>();
  const auto* digit = static_cast<const DigitObj*>(object.get());
  if (digit->number < 0) throw Error("ValueError", "no digit");
  return digit->number % 10;
}

// A type with the rules, either as functions or as addresses of C functions. Rules can be
// registered only once, so there is one type of each sort.
int32_t DigitType(bool as_functions) {
  const TVMFFIByteArray key =
      details::ByteArrayOf(as_functions ? "test.DigitByFunction" : "test.DigitByAddress");
  int32_t index = TVMFFITypeGetOrAllocIndex(&key, -1, 0, 0, 0, /*parent_type_index=*/-2);
  if (index >= 0) return index;
  index = TVMFFITypeGetOrAllocIndex(&key, -1, 1, 0, 0, kTVMFFIObject);
  Any hash = Function::FromTyped([](const Any& any) { return DigitOf(any); });
  Any equal =
      Function::FromTyped([](const Any& a, const Any& b) { return DigitOf(a) == DigitOf(b); });
  if (!as_functions) {
    hash = reinterpret_cast<void*>(+[](const Any* any) { return Any(DigitOf(*any)).release(); });
    equal = reinterpret_cast<void*>(
        +[](const Any* a, const Any* b) { return Any(DigitOf(*a) == DigitOf(*b)).release(); });
  }
  const TVMFFIByteArray hash_name = details::ByteArrayOf("__any_hash__");
  const TVMFFIByteArray equal_name = details::ByteArrayOf("__any_equal__");
  CheckCall(TVMFFITypeRegisterAttr(index, &hash_name, &hash.raw()));
  CheckCall(TVMFFITypeRegisterAttr(index, &equal_name, &equal.raw()));
  return index;
}

Any Digit(int32_t type, int64_t number) {
  ObjectPtr<DigitObj> object = MakeObject<DigitObj>(number);
  object.header()->type_index = type;
  return Any(ObjectRef(ObjectPtr<Object>(std::move(object))));
}

TEST(Hash, AClassBringsItsOwnRules) {
  for (const bool as_functions : {true, false}) {
    const int32_t type = DigitType(as_functions);
    EXPECT_TRUE(Same(Digit(type, 7), Digit(type, 107)));
    EXPECT_FALSE(Same(Digit(type, 7), Digit(type, 108)));
    Dict<Any, int> dict;
    for (int i = 0; i < 100; ++i) dict.Set(Digit(type, i), i);
    EXPECT_EQ(dict.size(), 10u);
    EXPECT_EQ(dict.at(Digit(type, 1003)), 93);
  }
}

TEST(Hash, ARuleThatThrowsLeavesTheTableAsItWas) {
  const int32_t type = DigitType(/*as_functions=*/true);
  Dict<Any, int> dict;
  for (int i = 0; i < 4; ++i) dict.Set(Digit(type, i), i);
  EXPECT_EQ(ThrownBy([&] { dict.Set(Digit(type, -1), 0); }).kind(), "ValueError");
  for (int i = 4; i < 7; ++i) dict.Set(Digit(type, i), i);
  EXPECT_EQ(ThrownBy([&] { dict.Set(Digit(type, -1), 0); }).kind(), "ValueError");
  EXPECT_EQ(ThrownBy([&] { dict.erase(Digit(type, -1)); }).kind(), "ValueError");
  EXPECT_EQ(dict.size(), 7u);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(dict.at(Digit(type, i)), i);
}

}  // namespace
}  // namespace kiln::testing
