#include <array>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/dlpack.h>
#include <kiln/tensor.h>

namespace kiln {
namespace {

// A DLPack tensor on the stack of the test, which counts its deletions.
template <typename Managed>
struct Source {
  explicit Source(std::vector<int64_t> extents, std::vector<int64_t> steps = {})
      : shape(std::move(extents)), strides(std::move(steps)) {
    DLTensor& tensor = managed.dl_tensor;
    tensor.data = storage.data();
    tensor.device = kCpu;
    tensor.dtype = DataTypeOf<float>();
    tensor.ndim = static_cast<int32_t>(shape.size());
    tensor.shape = shape.data();
    tensor.strides = strides.empty() ? nullptr : strides.data();
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) { ++static_cast<Source*>(self->manager_ctx)->deletions; };
    if constexpr (requires { managed.version; }) managed.version = {1, 0};
  }

  alignas(64) std::array<float, 64> storage{};
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  Managed managed{};
  int deletions = 0;
};

using Plain = Source<DLManagedTensor>;
using Versioned = Source<DLManagedTensorVersioned>;

TEST(Tensor, ImportSharesTheMemoryAndDeletesOnce) {
  Plain source({2, 3});
  {
    const Tensor tensor = Tensor::FromDLPack(&source.managed);
    EXPECT_EQ(tensor.data(), source.storage.data());
    EXPECT_EQ(tensor.dl().shape, source.shape.data());
    EXPECT_EQ(tensor.type_index(), kTVMFFITensor);
  }
  EXPECT_EQ(source.deletions, 1);
}

TEST(Tensor, MissingStridesAreFilledInRowByRow) {
  Versioned source({2, 3, 4});
  const Tensor tensor = Tensor::FromDLPack(&source.managed);
  ASSERT_NE(tensor.dl().strides, nullptr);
  EXPECT_EQ(tensor.dl().strides[0], 12);
  EXPECT_EQ(tensor.dl().strides[1], 4);
  EXPECT_EQ(tensor.dl().strides[2], 1);
  EXPECT_EQ(source.managed.dl_tensor.strides, nullptr);
}

TEST(Tensor, ScalarNeedsNoStrides) {
  Plain source({});
  EXPECT_EQ(Tensor::FromDLPack(&source.managed, 0, true).ndim(), 0);
}

TEST(Tensor, MisalignedTensorIsRefusedAndStaysTheCallers) {
  Plain source({4});
  EXPECT_NO_THROW(Tensor::FromDLPack(&source.managed, 64));
  source.deletions = 0;
  source.managed.dl_tensor.byte_offset = 4;
  EXPECT_THROW(Tensor::FromDLPack(&source.managed, 64), Error);
  EXPECT_THROW(Tensor::FromDLPack(&source.managed, -8), Error);
  EXPECT_EQ(source.deletions, 0);
  EXPECT_NO_THROW(Tensor::FromDLPack(&source.managed, 4));
}

TEST(Tensor, OnlyTheOffsetCountsWhereTheHostKnowsNoAddresses) {
  Plain source({4});
  source.managed.dl_tensor.device = {kDLVulkan, 0};
  source.managed.dl_tensor.data = source.storage.data() + 1;
  EXPECT_NO_THROW(Tensor::FromDLPack(&source.managed, 64));
}

TEST(Tensor, GapsAreRefusedWhereContiguityIsDemanded) {
  Plain gaps({2, 3}, {4, 1});
  EXPECT_THROW(Tensor::FromDLPack(&gaps.managed, 0, true), Error);
  EXPECT_NO_THROW(Tensor::FromDLPack(&gaps.managed, 0, false));
  Plain single({1, 3}, {77, 1});
  EXPECT_NO_THROW(Tensor::FromDLPack(&single.managed, 0, true));
  Plain empty({0, 3}, {1, 9});
  EXPECT_NO_THROW(Tensor::FromDLPack(&empty.managed, 0, true));
}

TEST(Tensor, LaterMajorVersionIsRefused) {
  Versioned source({2});
  source.managed.version = {2, 0};
  EXPECT_THROW(Tensor::FromDLPack(&source.managed), Error);
  source.managed.version = {1, 99};
  EXPECT_NO_THROW(Tensor::FromDLPack(&source.managed));
  EXPECT_EQ(source.deletions, 1);
}

TEST(Tensor, PaddedSubByteElementsAreRefused) {
  Versioned source({2});
  source.managed.flags = DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED;
  EXPECT_THROW(Tensor::FromDLPack(&source.managed), Error);
}

TEST(Tensor, MissingShapeIsRefused) {
  Plain source({2});
  source.managed.dl_tensor.shape = nullptr;
  EXPECT_THROW(Tensor::FromDLPack(&source.managed), Error);
  source.managed.dl_tensor.ndim = -1;
  EXPECT_THROW(Tensor::FromDLPack(&source.managed), Error);
}

TEST(Tensor, ExportKeepsTheTensorAliveUntilItIsDeleted) {
  Plain source({2, 3});
  Tensor tensor = Tensor::FromDLPack(&source.managed);
  DLManagedTensor* plain = tensor.ToDLPack();
  DLManagedTensorVersioned* versioned = tensor.ToDLPackVersioned();
  tensor = Tensor();
  EXPECT_EQ(plain->dl_tensor.data, source.storage.data());
  EXPECT_EQ(versioned->version.major, 1u);
  EXPECT_EQ(versioned->flags, 0u);
  plain->deleter(plain);
  EXPECT_EQ(source.deletions, 0);
  versioned->deleter(versioned);
  EXPECT_EQ(source.deletions, 1);
}

TEST(Tensor, ReadOnlyFlagIsRemembered) {
  Versioned source({2, 3}, {3, 1});
  source.managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY | DLPACK_FLAG_BITMASK_IS_COPIED;
  const Tensor tensor = Tensor::FromDLPack(&source.managed);
  TVMFFIObjectHandle handle = nullptr;
  ASSERT_EQ(TVMFFITensorCreateUnsafeView(tensor.handle(), &tensor.dl(), &handle), 0);
  const Tensor view{ObjectPtr<TensorObj>::AdoptHandle(handle)};
  for (const Tensor& exporter : {tensor, view}) {
    DLManagedTensorVersioned* versioned = exporter.ToDLPackVersioned();
    EXPECT_EQ(versioned->flags, DLPACK_FLAG_BITMASK_READ_ONLY);
    versioned->deleter(versioned);
  }
}

TEST(Tensor, TensorOfAnotherLibraryIsExportedWithoutFlags) {
  DLManagedTensorVersioned* versioned =
      Tensor::Empty({2, 2}, DataTypeOf<float>()).ToDLPackVersioned();
  EXPECT_EQ(versioned->flags, 0u);
  versioned->deleter(versioned);
}

TEST(Tensor, ViewCopiesItsExtentsAndKeepsTheSource) {
  Plain source({2, 3});
  Tensor tensor = Tensor::FromDLPack(&source.managed);
  std::array<int64_t, 1> shape{6};
  std::array<int64_t, 1> strides{1};
  DLTensor prototype = tensor.dl();
  prototype.ndim = 1;
  prototype.shape = shape.data();
  prototype.strides = strides.data();
  TVMFFIObjectHandle handle = nullptr;
  ASSERT_EQ(TVMFFITensorCreateUnsafeView(tensor.handle(), &prototype, &handle), 0);
  {
    const Tensor view{ObjectPtr<TensorObj>::AdoptHandle(handle)};
    tensor = Tensor();
    shape[0] = 0;
    EXPECT_EQ(view.shape()[0], 6);
    EXPECT_EQ(source.deletions, 0);
  }
  EXPECT_EQ(source.deletions, 1);
}

TEST(Tensor, ViewWithoutStridesIsRefused) {
  const Tensor tensor = Tensor::Empty({2}, DataTypeOf<float>());
  DLTensor prototype = tensor.dl();
  prototype.strides = nullptr;
  TVMFFIObjectHandle handle = nullptr;
  EXPECT_EQ(TVMFFITensorCreateUnsafeView(tensor.handle(), &prototype, &handle), -1);
  TVMFFIErrorSetRaised(nullptr);
}

TEST(Tensor, NullHandleIsAnErrorToExport) {
  DLManagedTensor* managed = nullptr;
  EXPECT_EQ(TVMFFITensorToDLPack(nullptr, &managed), -1);
  TVMFFIErrorSetRaised(nullptr);
}

}  // namespace
}  // namespace kiln
