// Arrays: elements, errors, and what becomes of them.
#include <cstddef>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/array.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

TEST(Array, IsEmptyAndNotNullByDefault) {
  const Array<int> array;
  EXPECT_TRUE(array.defined());
  EXPECT_TRUE(array.empty());
  EXPECT_EQ(array.type_index(), kTVMFFIArray);
}

TEST(Array, HoldsItsElementsInOrder) {
  const Array<String> array = {"one", "two", "a third, longer than inline"};
  ASSERT_EQ(array.size(), 3u);
  EXPECT_EQ(array[0], "one");
  EXPECT_EQ(array[2], "a third, longer than inline");
}

TEST(Array, HasTheCellThatTheAbiReads) {
  const Array<int> array = {1, 2, 3};
  const auto* cell = reinterpret_cast<const TVMFFISeqCell*>(array.handle() + 1);
  EXPECT_EQ(cell->size, 3);
  EXPECT_EQ(cell->capacity, 3);
  EXPECT_EQ(cell->data_deleter, nullptr);
  EXPECT_EQ(cell->data, static_cast<const void*>(cell + 1));
  EXPECT_EQ(static_cast<const TVMFFIAny*>(cell->data)[2].v_int64, 3);
}

TEST(Array, IsMadeOfAnyRange) {
  EXPECT_EQ(Array<double>::From(std::vector<int>{1, 2})[1], 2.0);
  EXPECT_EQ(Array<String>::From(std::vector<std::string>{"a", "b"})[1], "b");
  const int values[] = {4, 5, 6};
  EXPECT_EQ(Array<int>::From(values).size(), 3u);
  EXPECT_TRUE(Array<int>::From(std::vector<int>()).empty());
}

TEST(Array, BeyondItsEndIsAnIndexError) {
  const Array<int> array = {1, 2};
  const Error error = ThrownBy([&] { array[2]; });
  EXPECT_EQ(error.kind(), "IndexError");
  EXPECT_EQ(error.message(), "index 2 is out of range for an array of 2 elements");
  EXPECT_EQ(ThrownBy([] { Array<int>()[0]; }).kind(), "IndexError");
}

TEST(Array, AnElementOfAnotherTypeIsATypeError) {
  const Any any = Array<Any>{Any(1), Any("two")};
  const auto array = any.cast<Array<int>>();
  EXPECT_EQ(array[0], 1);
  EXPECT_EQ(ThrownBy([&] { array[1]; }).kind(), "TypeError");
}

TEST(Array, ReleasesItsElementsWhenItGoes) {
  Lives lives;
  {
    const Array<Counted> array = {Counted(&lives, 1), Counted(&lives, 2), Counted()};
    EXPECT_EQ(array[1]->value, 2);
    EXPECT_FALSE(array[2].defined());
    EXPECT_EQ(lives.alive(), 2);
    const Array<Counted> copy = array;
    EXPECT_TRUE(copy.same_as(array));
  }
  EXPECT_EQ(lives.made, 2);
  EXPECT_EQ(lives.destroyed, 2);
}

TEST(Array, AMakerThatThrowsLeaksNothing) {
  Lives lives;
  const auto make = [&](size_t i) -> Any {
    if (i == 3) throw std::runtime_error("enough");
    return Counted(&lives);
  };
  EXPECT_THROW(ArrayObj::Make(5, make), std::runtime_error);
  EXPECT_EQ(lives.made, 3);
  EXPECT_EQ(lives.destroyed, 3);
}

TEST(Array, ANullOneHasNoElements) {
  Array<int> array = {1};
  const Array<int> moved = std::move(array);
  EXPECT_EQ(array.size(), 0u);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(ThrownBy([&] { array[0]; }).kind(), "IndexError");
  EXPECT_TRUE(Any().cast<Array<int>>().empty());
}

TEST(Array, OfAnyHoldsMixedValues) {
  const Array<Any> array = {Any(1), Any("text"), Any(), Any(Array<int>{7})};
  EXPECT_EQ(array[0].cast<int>(), 1);
  EXPECT_EQ(array[1].cast<String>(), "text");
  EXPECT_TRUE(array[2].is_none());
  EXPECT_EQ(array[3].cast<Array<int>>()[0], 7);
}

TEST(Array, AChangeIsSeenByNoOtherReference) {
  Array<int> array = {1, 2};
  const Array<int> before = array;
  array.push_back(3);
  array.Set(0, 10);
  array.Insert(1, 11);
  EXPECT_EQ(std::vector<int>(array.begin(), array.end()), (std::vector<int>{10, 11, 2, 3}));
  const auto* object = array.get();
  array.pop_back();
  array.Erase(0);
  EXPECT_EQ(array.get(), object) << "the only reference changes in place";
  EXPECT_EQ(std::vector<int>(array.begin(), array.end()), (std::vector<int>{11, 2}));
  EXPECT_EQ(std::vector<int>(before.begin(), before.end()), (std::vector<int>{1, 2}));
  EXPECT_EQ(ThrownBy([] { Array<int>().pop_back(); }).kind(), "IndexError");
  EXPECT_EQ(ThrownBy([&] { array.Set(2, 0); }).kind(), "IndexError");
}

TEST(Array, GrowsByAppending) {
  Lives lives;
  {
    Array<Any> array;
    for (int i = 0; i < 1000; ++i) array.push_back(Any(Counted(&lives, i)));
    array.push_back(array.front());
    EXPECT_EQ(array.back().cast<Counted>()->value, 0);
    EXPECT_EQ(lives.destroyed, 0);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(Array, IsReleasedHoweverDeepItIsNested) {
  Lives lives;
  Array<Any> array = {Any(Counted(&lives))};
  for (int i = 0; i < 10'000'000; ++i) array = Array<Any>{Any(std::move(array))};
  array = {};
  EXPECT_EQ(lives.destroyed, 1);
}

TEST(Array, OfANarrowerTypeConverts) {
  const Array<int> ints = {1};
  const Array<Any> any = ints;
  EXPECT_TRUE(any.same_as(ints));
}

TEST(Array, FreesElementsThatAnotherRuntimePutElsewhere) {
  static int freed = 0;
  freed = 0;
  Lives lives;
  {
    auto array = MakeObject<ArrayObj>(0);
    array->data = std::malloc(2 * sizeof(Any));
    new (array->data) Any(Counted(&lives));
    array->TVMFFISeqCell::size = 1;
    array->capacity = 2;
    array->data_deleter = [](void* data) {
      ++freed;
      std::free(data);
    };
    EXPECT_EQ(Array<Counted>(std::move(array)).size(), 1u);
  }
  EXPECT_EQ(lives.destroyed, 1);
  EXPECT_EQ(freed, 1);
}

}  // namespace
}  // namespace kiln::testing
