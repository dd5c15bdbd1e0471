#include "jit/sandbox/shared_tensors.h"

#include <fcntl.h>
#include <unistd.h>

#include <vector>

#include <gtest/gtest.h>

#include "jit/worker/message.h"

namespace kiln::jit {
namespace {

DLTensor VectorOf(std::vector<float>* values, int64_t* extent) {
  *extent = static_cast<int64_t>(values->size());
  return {values->data(), kCpu, 1, DataTypeOf<float>(), extent, nullptr, 0};
}

TEST(SharedTensors, WhatIsWrittenThereComesBack) {
  std::vector<float> x(100, 1.0f);
  std::vector<float> y(100, 2.0f);
  int64_t extents[2];
  const DLTensor first = VectorOf(&x, &extents[0]);
  const DLTensor second = VectorOf(&y, &extents[1]);
  SharedTensors shared;
  shared.Add(first, /*read_only=*/false, "argument 0");
  shared.Add(second, /*read_only=*/true, "argument 1");
  shared.Share();
  ASSERT_EQ(dup2(shared.descriptor(), kWorkerMemory), kWorkerMemory);
  std::vector<SharedTensors::Piece> pieces = shared.pieces();
  for (SharedTensors::Piece& piece : pieces) piece.read_only = false;
  const MappedTensors mapped(pieces);
  auto* const there = static_cast<float*>(mapped.AddressOf(shared.PlaceOf(first)));
  auto* const read_only = static_cast<float*>(mapped.AddressOf(shared.PlaceOf(second)));
  EXPECT_EQ(there[99], 1.0f);
  EXPECT_EQ(read_only[0], 2.0f);
  there[50] = 7;
  read_only[0] = 7;
  EXPECT_EQ(x[50], 1.0f);
  shared.CopyBack();
  EXPECT_EQ(x[50], 7.0f);
  EXPECT_EQ(y[0], 2.0f);
}

TEST(SharedTensors, ATensorKeepsItsAlignmentAndEndsAtAPage) {
  alignas(64) float values[33] = {};
  int64_t extent = 32;
  const DLTensor aligned{values, kCpu, 1, DataTypeOf<float>(), &extent, nullptr, 0};
  SharedTensors shared;
  shared.Add(aligned, false, "x");
  shared.Share();
  EXPECT_EQ(shared.PlaceOf(aligned), 4096u - 32 * sizeof(float));
  const DLTensor odd{values + 1, kCpu, 1, DataTypeOf<float>(), &extent, nullptr, 0};
  SharedTensors other;
  other.Add(odd, false, "x");
  other.Share();
  EXPECT_EQ(other.PlaceOf(odd), 4096u - 32 * sizeof(float));
}

TEST(SharedTensors, TheMemoryCanNotBeMadeShorter) {
  std::vector<float> x(10000, 1.0f);
  int64_t extent = 0;
  SharedTensors shared;
  shared.Add(VectorOf(&x, &extent), false, "x");
  shared.Share();
  EXPECT_NE(ftruncate(shared.descriptor(), 0), 0);
}

}  // namespace
}  // namespace kiln::jit
