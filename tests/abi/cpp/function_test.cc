// Functions: what goes in, what comes out, and who owns it.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/array.h>
#include <kiln/function.h>
#include <kiln/module.h>
#include <kiln/tensor.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

enum class Color : uint8_t { kRed = 1, kBlue = 2 };

int32_t AddIntegers(int32_t a, int32_t b) { return a + b; }
int32_t AddWithoutThrowing(int32_t a, int32_t b) noexcept { return a + b; }

// The kind of its only argument, as it arrives.
Function KindOfArgument() {
  return Function::FromPacked([](PackedArgs args, Any* result) { *result = args[0].type_index(); });
}

// Its only argument, as text.
Function TextOfArgument() {
  return Function::FromTyped([](const String& text) { return text; });
}

TEST(Function, TakesEveryKindOfArgument) {
  const Function kind = KindOfArgument();
  const auto kind_of = [&](const auto& value) { return kind(value).template cast<int32_t>(); };
  const Tensor tensor = Tensor::Empty({2}, DataTypeOf<float>());
  const TensorView view = tensor;
  DLTensor dl = tensor.dl();

  EXPECT_EQ(kind_of(nullptr), kTVMFFINone);
  EXPECT_EQ(kind_of(true), kTVMFFIBool);
  EXPECT_EQ(kind_of(int8_t{1}), kTVMFFIInt);
  EXPECT_EQ(kind_of(size_t{1}), kTVMFFIInt);
  EXPECT_EQ(kind_of(Color::kBlue), kTVMFFIInt);
  EXPECT_EQ(kind_of(1.5f), kTVMFFIFloat);
  EXPECT_EQ(kind_of(1.5), kTVMFFIFloat);
  EXPECT_EQ(kind_of(static_cast<void*>(&dl)), kTVMFFIOpaquePtr);
  EXPECT_EQ(kind_of(kCpu), kTVMFFIDevice);
  EXPECT_EQ(kind_of(DataTypeOf<float>()), kTVMFFIDataType);
  EXPECT_EQ(kind_of("literal"), kTVMFFIRawStr);
  EXPECT_EQ(kind_of(String("small")), kTVMFFISmallStr);
  EXPECT_EQ(kind_of(Bytes(std::string_view("small"))), kTVMFFISmallBytes);
  EXPECT_EQ(kind_of(std::string("more than inline")), kTVMFFIStr);
  EXPECT_EQ(kind_of(std::string_view("more than inline")), kTVMFFIStr);
  EXPECT_EQ(kind_of(tensor), kTVMFFITensor);
  EXPECT_EQ(kind_of(view), kTVMFFIDLTensorPtr);
  EXPECT_EQ(kind_of(&dl), kTVMFFIDLTensorPtr);
  EXPECT_EQ(kind_of(kind), kTVMFFIFunction);
  EXPECT_EQ(kind_of(Error("TypeError", "x")), kTVMFFIError);
  EXPECT_EQ(kind_of(Array<String>{"a"}), kTVMFFIArray);
  EXPECT_EQ(kind_of(Module()), kTVMFFINone);
  EXPECT_EQ(kind_of(Any(3)), kTVMFFIInt);
  EXPECT_EQ(kind_of(AnyView("x")), kTVMFFIRawStr);
}

TEST(Function, TextArrivesWholeHoweverItIsGiven) {
  const Function echo = TextOfArgument();
  const std::string_view text("0123456789\0tail", 15);
  EXPECT_EQ(echo(text).cast<String>(), text);
  EXPECT_EQ(echo(text.substr(2, 3)).cast<String>(), "234");
  EXPECT_EQ(echo(std::string(text)).cast<String>(), text);
  EXPECT_EQ(echo(std::string("temporary, and longer than inline")).cast<String>(),
            "temporary, and longer than inline");
  char buffer[] = "mutable buffer";
  EXPECT_EQ(echo(buffer).cast<String>(), "mutable buffer");
  EXPECT_EQ(echo(static_cast<char*>(buffer)).cast<String>(), "mutable buffer");
}

TEST(Function, ReturnsEveryKindOfResult) {
  const Tensor tensor = Tensor::Empty({3}, DataTypeOf<float>());
  const auto result_of = [](auto callable) { return Function::FromTyped(std::move(callable))(); };

  EXPECT_TRUE(result_of([] {}).is_none());
  EXPECT_TRUE(result_of([] { return nullptr; }).is_none());
  EXPECT_TRUE(result_of([] { return true; }).cast<bool>());
  EXPECT_EQ(result_of([] { return int8_t{-3}; }).cast<int>(), -3);
  EXPECT_EQ(result_of([] { return Color::kRed; }).cast<Color>(), Color::kRed);
  EXPECT_EQ(result_of([] { return 0.5f; }).cast<float>(), 0.5f);
  EXPECT_EQ(result_of([] { return "literal"; }).cast<String>(), "literal");
  EXPECT_EQ(result_of([] { return std::string("standard string"); }).cast<String>(),
            "standard string");
  EXPECT_EQ(result_of([] { return std::string_view("a view of text").substr(2); }).cast<String>(),
            "view of text");
  EXPECT_EQ(result_of([] { return String("text"); }).cast<String>(), "text");
  EXPECT_EQ(result_of([] { return Bytes(std::string_view("b")); }).cast<Bytes>().view(), "b");
  EXPECT_TRUE(result_of([&] { return tensor; }).cast<Tensor>().same_as(tensor));
  EXPECT_EQ(result_of([] { return Array<int>{1, 2}; }).cast<Array<int>>()[1], 2);
  EXPECT_EQ(result_of([] { return Any("x"); }).cast<String>(), "x");
  EXPECT_EQ(result_of([] { return AnyView("borrowed"); }).cast<String>(), "borrowed");
  EXPECT_TRUE(result_of([] { return Module(); }).is_none());
  EXPECT_EQ(result_of([] { return KindOfArgument(); }).cast<Function>()(1).cast<int>(), kTVMFFIInt);
  EXPECT_EQ(result_of([] { return Error("KeyError", "k"); }).cast<Error>().message(), "k");
}

TEST(Function, ReturnsWhatAReferenceRefersTo) {
  const String text("longer than inline");
  const Function function = Function::FromTyped([&text]() -> const String& { return text; });
  EXPECT_EQ(function().cast<String>(), text);
}

TEST(Function, PassesArgumentsToReferenceParameters) {
  const Function function =
      Function::FromTyped([](const String& name, const Tensor& tensor, const std::string& text,
                             String&& moved, const Array<int>& array, AnyView any) {
        return name.str() + text + moved.str() + std::to_string(tensor.numel() + array[0]) +
               any.cast<std::string>();
      });
  const Tensor tensor = Tensor::Empty({5}, DataTypeOf<float>());
  EXPECT_EQ(function("a", tensor, "b", "c", Array<int>{2}, "d").cast<std::string>(), "abc7d");
}

TEST(Function, WrapsFunctionPointers) {
  EXPECT_EQ(Function::FromTyped(&AddIntegers)(1, 2).cast<int>(), 3);
  EXPECT_EQ(Function::FromTyped(AddIntegers)(1, 2).cast<int>(), 3);
  EXPECT_EQ(Function::FromTyped(&AddWithoutThrowing)(1, 2).cast<int>(), 3);
  EXPECT_EQ(Function::FromTyped([](int a) noexcept { return a; })(4).cast<int>(), 4);
}

TEST(Function, KeepsTheStateOfAMutableCallable) {
  const Function next = Function::FromTyped([count = 0]() mutable { return ++count; });
  next();
  const Function same = next;
  EXPECT_EQ(same().cast<int>(), 2);
}

TEST(Function, HoldsAMoveOnlyCallable) {
  const Function function =
      Function::FromTyped([owned = std::make_unique<int>(6)](int x) { return *owned * x; });
  EXPECT_EQ(function(7).cast<int>(), 42);
}

TEST(Function, DestroysItsCallableWithTheLastReference) {
  Lives lives;
  {
    Function copy;
    {
      const Function function = Function::FromTyped([held = Counted(&lives)] {});
      copy = function;
    }
    copy();
    EXPECT_EQ(lives.alive(), 1);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(Function, TakesNoCountOfABorrowedArgument) {
  Lives lives;
  const Counted ref(&lives);
  const Function count_of = Function::FromPacked([](PackedArgs args, Any* result) {
    *result = args[0].raw().v_obj->combined_ref_count & 0xffffffffu;
  });
  EXPECT_EQ(count_of(ref).cast<int>(), 1);
  Function::FromTyped([](const Counted&) {})(ref);
  Function::FromTyped([](Any any) { return any; })(ref);
  EXPECT_EQ(ref.use_count(), 1u);
}

TEST(Function, AnUnequalNumberOfArgumentsIsATypeError) {
  const Function add = Function::FromTyped(&AddIntegers);
  EXPECT_EQ(ThrownBy([&] { add(1); }).message(), "expected 2 arguments, got 1");
  const Error error = ThrownBy([&] { add(1, 2, 3); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "expected 2 arguments, got 3");
}

TEST(Function, AWrongArgumentIsNamedByItsPlace) {
  const Function add = Function::FromTyped(&AddIntegers);
  const Error kind = ThrownBy([&] { add(1, "two"); });
  EXPECT_EQ(kind.kind(), "TypeError");
  EXPECT_EQ(kind.message(), "argument 1: expected int (32 bits), got const char*");
  const Function narrow = Function::FromTyped([](int8_t x) { return x; });
  EXPECT_EQ(ThrownBy([&] { narrow(300); }).message(),
            "argument 0: expected int (8 bits), got int 300");
}

TEST(Function, ATensorWhereNoneIsNeededIsATypeError) {
  const Function rank = Function::FromTyped([](TensorView tensor) { return tensor.ndim(); });
  const Tensor tensor = Tensor::Empty({1, 2}, DataTypeOf<float>());
  EXPECT_EQ(rank(tensor).cast<int>(), 2);
  EXPECT_EQ(rank(TensorView(tensor)).cast<int>(), 2);
  EXPECT_EQ(ThrownBy([&] { rank(nullptr); }).message(), "argument 0: expected a tensor, got None");
}

TEST(Function, AnErrorArrivesAsTheObjectThatWasThrown) {
  const Error cause("IOError", "no such file");
  const Error original("CompileError", "no source", "inner\n", &cause, ObjectRef());
  const Function fail = Function::FromTyped([&] { throw Error(original); });
  const Error error = ThrownBy([&] { fail(); });
  EXPECT_TRUE(error.same_as(original));
  EXPECT_EQ(error.kind(), "CompileError");
  ASSERT_TRUE(error.cause().has_value());
  EXPECT_EQ(error.cause()->message(), "no such file");
  EXPECT_EQ(error.backtrace().substr(0, 6), "inner\n");
}

TEST(Function, AnErrorPassesThroughManyCalls) {
  Function function = Function::FromTyped([] { throw Error("KeyError", "deep"); });
  for (int depth = 0; depth < 50; ++depth) {
    function = Function::FromTyped([inner = function] { return inner(); });
  }
  const Error error = ThrownBy([&] { function(); });
  EXPECT_EQ(error.kind(), "KeyError");
  EXPECT_EQ(error.message(), "deep");
}

TEST(Function, AForeignExceptionBecomesAnInternalError) {
  const Function function =
      Function::FromTyped([](int index) { return std::string("abc").at(index); });
  EXPECT_EQ(function(1).cast<char>(), 'b');
  EXPECT_EQ(ThrownBy([&] { function(10); }).kind(), "InternalError");
}

TEST(Function, AnArgumentIsReleasedThoughTheCallFails) {
  Lives lives;
  const Function fail =
      Function::FromTyped([](const Counted&, int) { throw Error("ValueError", "no"); });
  EXPECT_EQ(ThrownBy([&] { fail(Counted(&lives), 1); }).kind(), "ValueError");
  EXPECT_EQ(ThrownBy([&] { fail(Counted(&lives), "x"); }).kind(), "TypeError");
  EXPECT_EQ(lives.made, 2);
  EXPECT_EQ(lives.destroyed, 2);
}

TEST(Function, ANullOneIsNotCalled) {
  EXPECT_EQ(ThrownBy([] { Function()(1); }).message(), "call of a null function");
}

TEST(Function, CallsBackIntoItsArgument) {
  const Function twice =
      Function::FromTyped([](const Function& f, int x) { return f(f(x)).cast<int>(); });
  EXPECT_EQ(twice(Function::FromTyped([](int x) { return x * 3; }), 2).cast<int>(), 18);
}

TEST(PackedArgs, AViewOfAShortTextLivesUntilTheCallEnds) {
  const Function function = Function::FromPacked([](PackedArgs args, Any* result) {
    const auto first = args[0].cast<std::string_view>();
    const auto second = args[1].cast<std::string_view>();
    EXPECT_EQ(static_cast<const void*>(first.data()), args.data()[0].v_bytes);
    *result = std::string(first) + "/" + std::string(second);
  });
  EXPECT_EQ(function(String("one"), String("two")).cast<std::string>(), "one/two");
}

TEST(PackedArgs, AMissingArgumentIsATypeError) {
  const Function third =
      Function::FromPacked([](PackedArgs args, Any* result) { *result = args[2]; });
  EXPECT_EQ(third(1, 2, 3).cast<int>(), 3);
  const Error error = ThrownBy([&] { third(1, 2); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "argument 2 is missing: 2 given");
}

// Symbols of the ABI's calling convention, as compiled kernels have them.

int DoubleFirst(void*, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  if (num_args != 1 || args[0].type_index != kTVMFFIInt) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", "one int, please");
    return -1;
  }
  result->type_index = kTVMFFIInt;
  result->v_int64 = 2 * args[0].v_int64;
  return 0;
}

int FailSilently(void*, const TVMFFIAny*, int32_t, TVMFFIAny*) { return -1; }

TEST(SymbolFunction, CallsTheSymbol) {
  const Function function = Function::FromSymbol(&DoubleFirst, nullptr);
  EXPECT_EQ(function(21).cast<int>(), 42);
  const Error error = ThrownBy([&] { function("x"); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "one int, please");
}

TEST(SymbolFunction, AFailureWithoutAnErrorSaysSo) {
  const Error error = ThrownBy([] { Function::FromSymbol(&FailSilently, nullptr)(); });
  EXPECT_EQ(error.kind(), "InternalError");
  EXPECT_EQ(error.message(), "a call returned failure without raising an error");
}

TEST(SymbolFunction, HoldsItsOwnerUntilTheLastReferenceGoes) {
  auto owner = std::make_shared<int>(0);
  const std::weak_ptr<int> watch = owner;
  Function function = Function::FromSymbol(&DoubleFirst, std::move(owner));
  Function copy = function;
  function = Function();
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(copy(1).cast<int>(), 2);
  copy = Function();
  EXPECT_TRUE(watch.expired());
}

TEST(CFunction, CallsAFunctionThatWasMadeHere) {
  const Function add = Function::FromTyped(&AddIntegers);
  TVMFFIAny args[2] = {AnyView(40).raw(), AnyView(2).raw()};
  Any result;
  ASSERT_EQ(TVMFFIFunctionCall(add.handle(), args, 2, result.out()), 0);
  EXPECT_EQ(result.cast<int>(), 42);
  EXPECT_EQ(TVMFFIFunctionCall(add.handle(), args, 1, result.out()), -1);
  EXPECT_EQ(ThrownBy([] { CheckCall(-1); }).kind(), "TypeError");
}

TEST(CFunction, IsCalledFromHereAndDeletedOnce) {
  static int deleted = 0;
  deleted = 0;
  int context = 5;
  TVMFFIObjectHandle handle = nullptr;
  CheckCall(TVMFFIFunctionCreate(
      &context,
      [](void* self, const TVMFFIAny* args, int32_t, TVMFFIAny* result) {
        result->type_index = kTVMFFIInt;
        result->v_int64 = *static_cast<int*>(self) * args[0].v_int64;
        return 0;
      },
      [](void*) { ++deleted; }, &handle));
  {
    const Function function(ObjectPtr<FunctionObj>::AdoptHandle(handle));
    EXPECT_EQ(function(3).cast<int>(), 15);
    EXPECT_EQ(deleted, 0);
  }
  EXPECT_EQ(deleted, 1);
}

}  // namespace
}  // namespace kiln::testing
