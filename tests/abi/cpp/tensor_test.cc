// Tensors: shapes, memory, element access, DLPack both ways.
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/tensor.h>

#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

constexpr DLDataType kFloat32 = DataTypeOf<float>();
constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

std::vector<int64_t> StridesOf(const Tensor& tensor) {
  return {tensor.dl().strides, tensor.dl().strides + tensor.ndim()};
}

TEST(Tensor, HasTheShapeAndRowMajorStridesAskedFor) {
  const Tensor tensor = Tensor::Empty({2, 3, 4}, kFloat32);
  EXPECT_EQ(tensor.ndim(), 3);
  EXPECT_EQ(std::vector<int64_t>(tensor.shape().begin(), tensor.shape().end()),
            (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(StridesOf(tensor), (std::vector<int64_t>{12, 4, 1}));
  EXPECT_EQ(tensor.numel(), 24);
  EXPECT_TRUE(tensor.is_contiguous());
  EXPECT_TRUE(SameDataType(tensor.dtype(), kFloat32));
  EXPECT_EQ(tensor.device().device_type, kDLCPU);
  EXPECT_EQ(tensor.type_index(), kTVMFFITensor);
  EXPECT_EQ(tensor.dl().byte_offset, 0u);
}

TEST(Tensor, IsSeenAsADLTensorRightBehindTheHeader) {
  const Tensor tensor = Tensor::Empty({2}, kFloat32);
  EXPECT_EQ(static_cast<const void*>(TVMFFITensorGetDLTensorPtr(tensor.handle())),
            static_cast<const void*>(&tensor.dl()));
}

TEST(Tensor, IsAlignedAndWritableToItsLastByte) {
  for (const int64_t extent : {1, 3, 63, 64, 65, 1000}) {
    const Tensor tensor = Tensor::Empty({extent}, DataTypeOf<int8_t>());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % 64, 0u);
    std::memset(tensor.data(), 1, static_cast<size_t>(extent));
    EXPECT_EQ(tensor.elements<int8_t>().back(), 1);
  }
}

TEST(Tensor, OfNoDimensionHasOneElement) {
  const Tensor scalar = Tensor::Empty({}, kFloat32);
  EXPECT_EQ(scalar.ndim(), 0);
  EXPECT_EQ(scalar.numel(), 1);
  ASSERT_EQ(scalar.elements<float>().size(), 1u);
  scalar.elements<float>()[0] = 2.0f;
}

TEST(Tensor, OfSizeZeroHasNoElements) {
  const Tensor tensor = Tensor::Empty({4, 0, 2}, kFloat32);
  EXPECT_EQ(tensor.numel(), 0);
  EXPECT_TRUE(tensor.is_contiguous());
  EXPECT_TRUE(tensor.elements<float>().empty());
}

TEST(Tensor, OfSizeZeroMayHaveExtentsOfAnySize) {
  for (const Tensor& tensor : {Tensor::Empty({0, kLargest, kLargest}, kFloat32),
                               Tensor::Empty({kLargest, kLargest, 0}, kFloat32)}) {
    EXPECT_EQ(tensor.numel(), 0);
    EXPECT_TRUE(tensor.is_contiguous());
    EXPECT_TRUE(tensor.elements<float>().empty());
  }
}

TEST(Tensor, ANegativeExtentIsAValueErrorThatNamesIt) {
  const Error error = ThrownBy([] { Tensor::Empty({2, -3}, kFloat32); });
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_TRUE(Contains(error.message(), "-3 in dimension 1")) << error.message();
  EXPECT_EQ(ThrownBy([] { Tensor::Empty({0, -1}, kFloat32); }).kind(), "ValueError");
}

TEST(Tensor, AShapeOfTooManyElementsIsAValueError) {
  EXPECT_EQ(ThrownBy([] { Tensor::Empty({kLargest, 2}, kFloat32); }).kind(), "ValueError");
  EXPECT_EQ(ThrownBy([] { Tensor::Empty({int64_t{1} << 32, int64_t{1} << 32}, kFloat32); }).kind(),
            "ValueError");
}

TEST(Tensor, ASizeInBytesBeyondSizeTIsAValueError) {
  EXPECT_EQ(ThrownBy([] { Tensor::Empty({kLargest}, kFloat32); }).kind(), "ValueError");
  EXPECT_EQ(ThrownBy([] { Tensor::Empty({kLargest / 2}, {kDLFloat, 64, 65535}); }).kind(),
            "ValueError");
}

TEST(Tensor, ElementsAreRefusedUnderAnotherDataType) {
  const Tensor tensor = Tensor::Empty({2}, kFloat32);
  const Error error = ThrownBy([&] { tensor.elements<int32_t>(); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "expected a tensor of int32, got float32");
  EXPECT_EQ(tensor.elements<const float>().size(), 2u);
}

TEST(Tensor, NoneCastsToANullTensor) { EXPECT_FALSE(Any().cast<Tensor>().defined()); }

TEST(Tensor, FromTheEnvironmentNeedsAnAllocator) {
  const int64_t shape[] = {2};
  const Error error = ThrownBy([&] { Tensor::FromEnvironment(shape, kFloat32, kCpu); });
  EXPECT_EQ(error.kind(), "RuntimeError");
}

// An allocator as a framework would set it.
int AllocateForTest(DLTensor* prototype, DLManagedTensorVersioned** out, void*,
                    void (*)(void*, const char*, const char*)) {
  const Tensor tensor = Tensor::Empty(
      std::span<const int64_t>(prototype->shape, static_cast<size_t>(prototype->ndim)),
      prototype->dtype);
  *out = tensor.ToDLPackVersioned();
  return 0;
}

TEST(Tensor, FromTheEnvironmentIsWhatItsAllocatorMakes) {
  CheckCall(TVMFFIEnvSetDLPackManagedTensorAllocator(&AllocateForTest, 0, nullptr));
  const int64_t shape[] = {3, 5};
  const Tensor tensor = Tensor::FromEnvironment(shape, DataTypeOf<int16_t>(), kCpu);
  CheckCall(TVMFFIEnvSetDLPackManagedTensorAllocator(nullptr, 0, nullptr));
  EXPECT_EQ(tensor.numel(), 15);
  EXPECT_EQ(tensor.elements<int16_t>().size(), 15u);
}

// Foreign tensors.

class ForeignTensor : public ::testing::Test {
 protected:
  TensorView View(std::vector<int64_t> shape, std::vector<int64_t> strides) {
    shape_ = std::move(shape);
    strides_ = std::move(strides);
    dl_.data = buffer_;
    dl_.device = kCpu;
    dl_.dtype = kFloat32;
    dl_.ndim = static_cast<int32_t>(shape_.size());
    dl_.shape = shape_.data();
    dl_.strides = strides_.empty() ? nullptr : strides_.data();
    return &dl_;
  }

  std::vector<int64_t> shape_;
  std::vector<int64_t> strides_;
  alignas(64) float buffer_[64] = {};
  DLTensor dl_{};
};

TEST_F(ForeignTensor, WithoutStridesIsContiguous) {
  const TensorView view = View({2, 3}, {});
  EXPECT_TRUE(view.is_contiguous());
  EXPECT_EQ(view.elements<float>().size(), 6u);
}

TEST_F(ForeignTensor, WithGapsOrTransposedHasNoElements) {
  EXPECT_FALSE(View({2, 3}, {4, 1}).is_contiguous());
  const TensorView transposed = View({3, 2}, {1, 3});
  EXPECT_FALSE(transposed.is_contiguous());
  const Error error = ThrownBy([&] { transposed.elements<float>(); });
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_TRUE(Contains(error.message(), "contiguous")) << error.message();
}

TEST_F(ForeignTensor, IsContiguousWhateverTheStrideOfAnExtentOfOne) {
  EXPECT_TRUE(View({1, 3}, {77, 1}).is_contiguous());
  EXPECT_TRUE(View({3, 1}, {1, 77}).is_contiguous());
  EXPECT_TRUE(View({0, 3}, {7, 7}).is_contiguous());
}

TEST_F(ForeignTensor, OfHugeExtentsIsJudgedWithoutOverflow) {
  EXPECT_TRUE(View({0, kLargest, kLargest}, {1, 1, 1}).is_contiguous());
}

TEST_F(ForeignTensor, StartsAtItsByteOffset) {
  View({2}, {1});
  dl_.byte_offset = 8;
  buffer_[2] = 5.0f;
  EXPECT_EQ(TensorView(&dl_).elements<float>()[0], 5.0f);
}

TEST_F(ForeignTensor, OnAnotherDeviceIsNotRead) {
  View({2}, {1});
  dl_.device = {kDLCUDA, 0};
  const Error error = ThrownBy([&] { TensorView(&dl_).elements<float>(); });
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_TRUE(Contains(error.message(), "device type 2")) << error.message();
}

TEST_F(ForeignTensor, TravelsAsItsAddress) {
  const AnyView any = View({2}, {1});
  EXPECT_EQ(any.type_index(), kTVMFFIDLTensorPtr);
  EXPECT_EQ(any.cast<DLTensor*>(), &dl_);
  EXPECT_EQ(&any.cast<TensorView>().dl(), &dl_);
  EXPECT_FALSE(any.try_cast<Tensor>().has_value());
}

TEST(TensorView, OfAnOwningTensorAddsNoCount) {
  const Tensor tensor = Tensor::Empty({2}, kFloat32);
  const AnyView any = tensor;
  const auto view = any.cast<TensorView>();
  EXPECT_EQ(&view.dl(), &tensor.dl());
  EXPECT_EQ(any.cast<DLTensor*>(), &tensor.dl());
  EXPECT_EQ(tensor.use_count(), 1u);
}

// DLPack.

template <typename Managed>
struct Producer {
  int deleted = 0;
  int64_t shape[2] = {2, 3};
  int64_t strides[2] = {3, 1};
  alignas(64) float data[16] = {};
  Managed managed{};

  Producer() {
    managed.dl_tensor.data = data;
    managed.dl_tensor.device = kCpu;
    managed.dl_tensor.dtype = kFloat32;
    managed.dl_tensor.ndim = 2;
    managed.dl_tensor.shape = shape;
    managed.dl_tensor.strides = strides;
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) { ++static_cast<Producer*>(self->manager_ctx)->deleted; };
    if constexpr (requires { managed.version; }) {
      managed.version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    }
  }
};

template <typename Managed>
class FromDLPack : public ::testing::Test {};
using ManagedForms = ::testing::Types<DLManagedTensor, DLManagedTensorVersioned>;
TYPED_TEST_SUITE(FromDLPack, ManagedForms);

TYPED_TEST(FromDLPack, SharesTheMemoryAndDeletesOnceAtTheEnd) {
  Producer<TypeParam> producer;
  {
    const Tensor tensor = Tensor::FromDLPack(&producer.managed);
    const Tensor copy = tensor;
    EXPECT_EQ(tensor.data(), producer.data);
    EXPECT_EQ(tensor.numel(), 6);
    tensor.elements<float>()[5] = 1.0f;
    EXPECT_EQ(producer.data[5], 1.0f);
    EXPECT_EQ(producer.deleted, 0);
  }
  EXPECT_EQ(producer.deleted, 1);
}

TYPED_TEST(FromDLPack, FillsInStridesThatAreMissing) {
  Producer<TypeParam> producer;
  producer.managed.dl_tensor.strides = nullptr;
  const Tensor tensor = Tensor::FromDLPack(&producer.managed);
  EXPECT_EQ(StridesOf(tensor), (std::vector<int64_t>{3, 1}));
}

TYPED_TEST(FromDLPack, ATensorThatIsRefusedStaysTheCallers) {
  Producer<TypeParam> producer;
  producer.managed.dl_tensor.byte_offset = 4;
  EXPECT_EQ(ThrownBy([&] { Tensor::FromDLPack(&producer.managed, 64); }).kind(), "RuntimeError");
  producer.managed.dl_tensor.byte_offset = 0;
  producer.strides[0] = 4;
  EXPECT_EQ(ThrownBy([&] { Tensor::FromDLPack(&producer.managed, 64, true); }).kind(),
            "RuntimeError");
  EXPECT_EQ(producer.deleted, 0);
  {
    const Tensor tensor = Tensor::FromDLPack(&producer.managed, 64, false);
  }
  EXPECT_EQ(producer.deleted, 1);
}

TEST(ToDLPack, KeepsTheMemoryUntilTheConsumerIsDone) {
  DLManagedTensorVersioned* versioned = nullptr;
  DLManagedTensor* legacy = nullptr;
  {
    const Tensor tensor = Tensor::Empty({4}, kFloat32);
    std::iota(tensor.elements<float>().begin(), tensor.elements<float>().end(), 0.0f);
    versioned = tensor.ToDLPackVersioned();
    legacy = tensor.ToDLPack();
    EXPECT_EQ(tensor.use_count(), 3u);
  }
  EXPECT_EQ(versioned->version.major, 1u);
  EXPECT_EQ(static_cast<const float*>(versioned->dl_tensor.data)[3], 3.0f);
  versioned->deleter(versioned);
  EXPECT_EQ(legacy->dl_tensor.shape[0], 4);
  EXPECT_EQ(static_cast<const float*>(legacy->dl_tensor.data)[3], 3.0f);
  legacy->deleter(legacy);
}

TEST(ToDLPack, GoesRoundThroughFromDLPack) {
  Tensor back;
  {
    const Tensor tensor = Tensor::Empty({2, 2}, DataTypeOf<double>());
    tensor.elements<double>()[3] = 0.25;
    back = Tensor::FromDLPack(tensor.ToDLPackVersioned());
  }
  EXPECT_EQ(back.elements<double>()[3], 0.25);
}

}  // namespace
}  // namespace kiln::testing
