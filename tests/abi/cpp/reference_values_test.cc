// Tuples, variants, optional values, typed functions, arguments that are given away and classes of
// both sides: between code built with the reference's C++ headers and code built with Kiln's.
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/reference_function.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

class ShapeObj : public Object {
 public:
  static constexpr int32_t kChildSlots = 4;
  KILN_OBJECT_TYPE("kiln.test.ShapeOfBoth", ShapeObj, Object);
  double scale = 1;
};
class CircleObj : public ShapeObj {
 public:
  static constexpr int32_t kChildSlots = 0;
  KILN_OBJECT_TYPE_FINAL("kiln.test.CircleOfBoth", CircleObj, ShapeObj);
  double radius = 0;
};

// A class that only Kiln's headers describe.
class PriceObj : public Object {
 public:
  KILN_OBJECT_TYPE_FINAL("kiln.test.Price", PriceObj, Object);
  PriceObj(String currency, int64_t cents) : currency(std::move(currency)), cents(cents) {}
  double InUnits() const { return static_cast<double>(cents) / 100; }
  String currency;
  int64_t cents;
};
KILN_STATIC_INIT_BLOCK() {
  reflection::ObjectDef<PriceObj>()
      .def(reflection::init<String, int64_t>())
      .def_ro("currency", &PriceObj::currency)
      .def_rw("cents", &PriceObj::cents)
      .def("in_units", &PriceObj::InUnits);
}

TEST(ReferenceValues, TuplesGoBothWays) {
  const auto swapped =
      Reference("swap_tuple")(Tuple<int64_t, String>(7, "seven")).cast<Tuple<String, int64_t>>();
  EXPECT_EQ(swapped.get<0>(), "seven");
  EXPECT_EQ(swapped.get<1>(), 7);
  EXPECT_EQ(ThrownBy([] { Reference("swap_tuple")(Tuple<int64_t>(7)); }).kind(), "TypeError");
}

TEST(ReferenceValues, VariantsGoBothWays) {
  using Both = Variant<int64_t, String>;
  EXPECT_EQ(Reference("other_alternative")(Both(int64_t{12})).cast<Both>().get<String>(), "12");
  EXPECT_EQ(Reference("other_alternative")(Both("four")).cast<Both>().get<int64_t>(), 4);
}

TEST(ReferenceValues, OptionalValuesGoBothWays) {
  const Function twice = Reference("twice_if_given");
  EXPECT_EQ(twice(Optional<int64_t>(4)).cast<Optional<int64_t>>(), Optional<int64_t>(8));
  EXPECT_EQ(twice(Optional<int64_t>()).cast<Optional<int64_t>>(), std::nullopt);
}

TEST(ReferenceValues, TypedFunctionsAreCalled) {
  const TypedFunction<int64_t(int64_t)> triple = [](int64_t x) { return 3 * x; };
  EXPECT_EQ(Reference("apply_twice")(triple, 2).cast<int>(), 18);
}

TEST(ReferenceValues, ArgumentsAreGivenAway) {
  EXPECT_TRUE(Reference("takes_the_only_reference")(RValueRef(Array<int64_t>{1})).cast<bool>());
  const Array<int64_t> kept{1};
  EXPECT_FALSE(Reference("takes_the_only_reference")(kept).cast<bool>());
  const Function takes = Function::FromTyped([](RValueRef<Array<int64_t>> given) {
    const Array<int64_t> array = std::move(given).value();
    return array.use_count() == 1 && array.size() == 3;
  });
  EXPECT_TRUE(Reference("gives_the_only_reference")(takes).cast<bool>());
}

TEST(ReferenceValues, ClassesOfBothSidesAreTheSame) {
  auto ours = MakeObject<CircleObj>();
  ours->radius = 2.5;
  const ObjectRef circle(std::move(ours));
  EXPECT_EQ(Reference("radius_of")(circle).cast<double>(), 2.5);
  EXPECT_EQ(Reference("scale_of")(circle).cast<double>(), 1.0);
  EXPECT_EQ(Reference("radius_of")(ObjectRef(MakeObject<ShapeObj>())).cast<double>(), -1.0);
  EXPECT_EQ(ThrownBy([] { Reference("scale_of")(String("no shape")); }).kind(), "TypeError");

  const auto theirs = Reference("make_circle")(4).cast<ObjectRef>();
  ASSERT_NE(theirs.as<CircleObj>(), nullptr);
  EXPECT_EQ(theirs.as<CircleObj>()->radius, 4.0);
  EXPECT_EQ(theirs.as<ShapeObj>()->scale, 3.0);
}

TEST(ReferenceValues, OurReflectionIsReadByTheirAccessors) {
  const Any price = Reference("get_method")("kiln.test.Price", "__ffi_init__")
                        .cast<Function>()("a currency of some length", 250);
  EXPECT_EQ(Reference("get_field")(price, "cents").cast<int>(), 250);
  EXPECT_EQ(Reference("get_field")(price, "currency").cast<std::string>(),
            "a currency of some length");
  const auto in_units = Reference("get_method")("kiln.test.Price", "in_units").cast<Function>();
  EXPECT_EQ(in_units(price).cast<double>(), 2.5);
}

}  // namespace
}  // namespace kiln::testing
