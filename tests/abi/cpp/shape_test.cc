// Shapes: extents, and what converts to them.
#include <cstdint>
#include <span>

#include <gtest/gtest.h>

#include <kiln/array.h>
#include <kiln/shape.h>
#include <kiln/tensor.h>

#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

TEST(Shape, HoldsItsExtents) {
  const Shape shape = {2, 3, 4};
  EXPECT_EQ(shape.size(), 3u);
  EXPECT_EQ(shape[2], 4);
  EXPECT_EQ(shape.Product(), 24);
  EXPECT_EQ(shape.type_index(), kTVMFFIShape);
  EXPECT_EQ(Shape().Product(), 1);
  EXPECT_TRUE(Shape().empty());
  EXPECT_EQ(shape, (Shape{2, 3, 4}));
  EXPECT_FALSE(shape == (Shape{2, 3}));
}

TEST(Shape, HasTheCellThatTheAbiReads) {
  const Shape shape = {5, 6};
  const TVMFFIShapeCell* cell = TVMFFIShapeGetCellPtr(shape.handle());
  EXPECT_EQ(cell->size, 2u);
  EXPECT_EQ(cell->data, reinterpret_cast<const int64_t*>(cell + 1));
  EXPECT_EQ(cell->data[1], 6);
}

TEST(Shape, BeyondItsEndIsAnIndexError) {
  const Shape shape = {5};
  EXPECT_EQ(ThrownBy([&] { (void)shape[1]; }).message(),
            "index 1 is out of range for a shape of 1 extents");
}

TEST(Shape, IsMadeOfATensorsExtents) {
  const Tensor tensor = Tensor::Empty({2, 3}, DataTypeOf<float>());
  const Shape shape = tensor.shape();
  EXPECT_EQ(shape, (Shape{2, 3}));
  EXPECT_EQ(Tensor::Empty(shape, DataTypeOf<float>()).numel(), 6);
}

TEST(Shape, IsMadeOfAnArrayOfInts) {
  EXPECT_EQ(Any(Array<int>{7, 8}).cast<Shape>(), (Shape{7, 8}));
  EXPECT_EQ(ThrownBy([] { Any(Array<Any>{Any("a")}).cast<Shape>(); }).kind(), "TypeError");
}

}  // namespace
}  // namespace kiln::testing
