// TypedFunction and RValueRef: calls whose types are known, and arguments that are given away.
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

TEST(TypedFunction, CallsWithItsTypes) {
  const TypedFunction<int64_t(int64_t, int64_t)> add = [](int64_t a, int64_t b) { return a + b; };
  EXPECT_EQ(add(1, 2), 3);
  int calls = 0;
  const TypedFunction<void(std::string)> count = [&](const std::string& text) {
    calls += static_cast<int>(text.size());
  };
  count("four");
  EXPECT_EQ(calls, 4);
}

TEST(TypedFunction, WrapsAnyFunction) {
  const TypedFunction<double(int64_t)> half = Function::FromTyped([](double x) { return x / 2; });
  EXPECT_EQ(half(3), 1.5);
  EXPECT_EQ(Any(half).cast<Function>()(4).cast<double>(), 2.0);
  EXPECT_TRUE(Any(half).cast<TypedFunction<Any(int64_t)>>()(2).cast<double>() == 1.0);
}

TEST(TypedFunction, AResultOfAnotherTypeIsAnError) {
  const TypedFunction<int64_t()> text = Function::FromTyped([] { return String("text"); });
  EXPECT_EQ(ThrownBy([&] { (void)text(); }).kind(), "TypeError");
}

TEST(TypedFunction, ACallOfANullOneIsAnError) {
  EXPECT_EQ(ThrownBy([] { TypedFunction<void()>()(); }).kind(), "TypeError");
}

TEST(TypedFunction, IsAParameter) {
  const Function apply = Function::FromTyped(
      [](const TypedFunction<int64_t(int64_t)>& f, int64_t x) { return f(f(x)); });
  EXPECT_EQ(apply(Function::FromTyped([](int64_t x) { return 3 * x; }), 2).cast<int>(), 18);
}

Function Append() {
  return Function::FromTyped([](RValueRef<Array<int64_t>> given, int64_t value) {
    Array<int64_t> array = std::move(given).value();
    array.push_back(value);
    return array;
  });
}

TEST(RValueRef, TheCalleeOwnsWhatItIsGiven) {
  Array<int64_t> array{1, 2};
  array.reserve(8);
  const void* const before = array.get();
  array = Append()(RValueRef(std::move(array)), 3).cast<Array<int64_t>>();
  EXPECT_EQ(array.size(), 3u);
  EXPECT_EQ(array.get(), before) << "an array that nobody shares is changed in place";
}

TEST(RValueRef, ASharedArgumentIsCopied) {
  const Array<int64_t> array{1, 2};
  EXPECT_EQ(Append()(array, 3).cast<Array<int64_t>>().size(), 3u);
  EXPECT_EQ(array.size(), 2u);
}

TEST(RValueRef, APlainParameterSharesIt) {
  Lives lives;
  {
    const Function value = Function::FromTyped([](const Counted& given) {
      EXPECT_EQ(given.use_count(), 2u);
      return given->value;
    });
    EXPECT_EQ(value(RValueRef(Counted(&lives, 5))).cast<int>(), 5);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(RValueRef, WhatNobodyTakesIsReleased) {
  Lives lives;
  {
    const RValueRef<Counted> unused{Counted(&lives)};
  }
  const Function ignore = Function::FromPacked([](PackedArgs, Any*) {});
  ignore(RValueRef(Counted(&lives)));
  const Function keep = Function::FromTyped([](RValueRef<Counted>) {});
  keep(RValueRef(Counted(&lives)));
  EXPECT_EQ(lives.made, 3);
  EXPECT_EQ(lives.alive(), 0);
}

TEST(RValueRef, AnotherKindIsConvertedByCopyOrRefused) {
  List<int64_t> list{1};
  EXPECT_EQ(Append()(RValueRef(std::move(list)), 2).cast<Array<int64_t>>().size(), 2u);
  Lives lives;
  EXPECT_EQ(ThrownBy([&] { Append()(RValueRef(Counted(&lives)), 2); }).kind(), "TypeError");
  EXPECT_EQ(lives.alive(), 0);
}

TEST(RValueRef, AnOwnedValueTakesIt) {
  Lives lives;
  {
    const Function hold = Function::FromTyped([](const Any& given) { return given; });
    const Any held = hold(RValueRef(Counted(&lives, 6)));
    EXPECT_EQ(held.cast<Counted>()->value, 6);
    EXPECT_EQ(held.cast<Counted>().use_count(), 2u);
  }
  EXPECT_EQ(lives.alive(), 0);
}

}  // namespace
}  // namespace kiln::testing
