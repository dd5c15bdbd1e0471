// DLPack tensors of any content: each becomes a tensor or an error, and its deleter runs once.

#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/dlpack.h>
#include <kiln/tensor.h>

#include "tests/fuzz/raised.h"
#include "tests/fuzz/random.h"

namespace kiln::fuzz {
namespace {

// A tensor's description, in memory of its own, of just the size that it claims. Where the number
// of dimensions is negative or beyond reason, there is no shape.
struct Description {
  explicit Description(Random& random) {
    tensor.data = random.OneIn(3) ? nullptr : reinterpret_cast<void*>(random.Bits());
    // Numbers that the enumeration does not have, too.
    const auto device_type = static_cast<int32_t>(random.OneIn(3) ? random.Integer() : 1);
    std::memcpy(&tensor.device.device_type, &device_type, sizeof(device_type));
    tensor.device.device_id = static_cast<int32_t>(random.Integer());
    tensor.dtype = {static_cast<uint8_t>(random.Bits()), static_cast<uint8_t>(random.Bits()),
                    static_cast<uint16_t>(random.Bits())};
    tensor.byte_offset = random.OneIn(2) ? 0 : random.Bits();
    tensor.ndim = static_cast<int32_t>(random.Below(6));
    if (random.OneIn(8)) tensor.ndim = static_cast<int32_t>(random.Integer());
    if (random.OneIn(50)) tensor.ndim = 3000;
    if (tensor.ndim < 0 || tensor.ndim > 3000) return;
    const auto size = static_cast<size_t>(tensor.ndim);
    for (size_t i = 0; i < size; ++i) {
      shape.push_back(random.Integer());
      strides.push_back(random.Integer());
    }
    if (random.OneIn(3)) MakeRowMajor();
    if (!random.OneIn(8)) tensor.shape = shape.data();
    if (!random.OneIn(3)) tensor.strides = strides.data();
  }
  Description(const Description&) = delete;
  Description& operator=(const Description&) = delete;

  void MakeRowMajor() {
    uint64_t stride = 1;
    for (size_t i = shape.size(); i-- > 0;) {
      strides[i] = static_cast<int64_t>(stride);
      stride *= static_cast<uint64_t>(shape[i]);
    }
  }

  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  DLTensor tensor{};
};

// What a framework hands over. Freed by its deleter, with all that it describes.
template <typename Managed>
struct Offer {
  Offer(Random& random, int* deleted) : description(random), deleted(deleted) {
    managed.dl_tensor = description.tensor;
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) {
      auto* offer = static_cast<Offer*>(self->manager_ctx);
      ++*offer->deleted;
      delete offer;
    };
    if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
      managed.version = {static_cast<uint32_t>(random.OneIn(4) ? random.Bits() : 1),
                         static_cast<uint32_t>(random.Bits())};
      managed.flags = random.OneIn(2) ? random.Below(8) : random.Bits();
    }
  }

  Description description;
  int* deleted;
  Managed managed{};
};

int Import(DLManagedTensor* from, int32_t alignment, int32_t contiguous, TVMFFIObjectHandle* out) {
  return TVMFFITensorFromDLPack(from, alignment, contiguous, out);
}
int Import(DLManagedTensorVersioned* from, int32_t alignment, int32_t contiguous,
           TVMFFIObjectHandle* out) {
  return TVMFFITensorFromDLPackVersioned(from, alignment, contiguous, out);
}

void ExpectSameFields(const DLTensor& a, const DLTensor& b) {
  EXPECT_EQ(a.data, b.data);
  EXPECT_EQ(std::memcmp(&a.device, &b.device, sizeof(DLDevice)), 0);
  EXPECT_EQ(a.ndim, b.ndim);
  EXPECT_EQ(a.shape, b.shape);
  EXPECT_EQ(a.strides, b.strides);
  EXPECT_EQ(a.byte_offset, b.byte_offset);
}

void Export(const Tensor& tensor) {
  DLManagedTensor* plain = nullptr;
  ASSERT_EQ(TVMFFITensorToDLPack(tensor.handle(), &plain), 0);
  ExpectSameFields(plain->dl_tensor, *tensor.get());
  plain->deleter(plain);
  DLManagedTensorVersioned* versioned = nullptr;
  ASSERT_EQ(TVMFFITensorToDLPackVersioned(tensor.handle(), &versioned), 0);
  ExpectSameFields(versioned->dl_tensor, *tensor.get());
  EXPECT_EQ(versioned->version.major, 1u);
  EXPECT_EQ(versioned->flags & ~uint64_t{DLPACK_FLAG_BITMASK_READ_ONLY}, 0u);
  versioned->deleter(versioned);
}

void View(const Tensor& source, Random& random) {
  const Description prototype(random);
  TVMFFIObjectHandle handle = nullptr;
  if (TVMFFITensorCreateUnsafeView(source.handle(), &prototype.tensor, &handle) != 0) {
    EXPECT_NE(TakeRaisedKind(), "");
    EXPECT_EQ(handle, nullptr);
    return;
  }
  const Tensor view(ObjectPtr<TensorObj>::AdoptHandle(handle));
  EXPECT_EQ(view.shape().size(), prototype.shape.size());
  for (size_t i = 0; i < prototype.shape.size(); ++i) {
    EXPECT_EQ(view.shape()[i], prototype.shape[i]);
  }
  Export(view);
}

// What a tensor tells of itself, whatever it describes.
void Inspect(const Tensor& tensor) {
  EXPECT_TRUE(tensor.ndim() == 0 || tensor.get()->strides != nullptr);
  (void)tensor.is_contiguous();
  try {
    (void)tensor.numel();
  } catch (const Error&) {  // more elements than an int64_t counts
  }
}

template <typename Managed>
void Fuzz(uint64_t seed) {
  Random random(seed);
  int imported = 0;
  for (int i = 0; i < 10000 * kEffort; ++i) {
    int deleted = 0;
    auto* offer = new Offer<Managed>(random, &deleted);
    const auto alignment = static_cast<int32_t>(random.OneIn(2) ? 0 : random.Integer());
    TVMFFIObjectHandle handle = nullptr;
    const int code =
        Import(&offer->managed, alignment, static_cast<int32_t>(random.Below(2)), &handle);
    ASSERT_EQ(deleted, 0);
    if (code != 0) {
      // It is the caller's still.
      EXPECT_NE(TakeRaisedKind(), "");
      EXPECT_EQ(handle, nullptr);
      offer->managed.deleter(&offer->managed);
    } else {
      ++imported;
      const Tensor tensor(ObjectPtr<TensorObj>::AdoptHandle(handle));
      Inspect(tensor);
      Export(tensor);
      View(tensor, random);
      EXPECT_EQ(deleted, 0);
    }
    ASSERT_EQ(deleted, 1);
  }
  EXPECT_GT(imported, 1000);
}

TEST(DLPackFuzz, TensorIsTakenOverOrRefused) { Fuzz<DLManagedTensor>(1); }
TEST(DLPackFuzz, VersionedTensorIsTakenOverOrRefused) { Fuzz<DLManagedTensorVersioned>(2); }

// An allocator is foreign code: it may return what it was not asked for, or nothing.
TEST(DLPackFuzz, AllocatorOfTheEnvironmentReturnsAnything) {
  static Random random(3);
  static int deleted = 0;
  static int made = 0;
  TVMFFIEnvSetDLPackManagedTensorAllocator(
      [](DLTensor*, DLManagedTensorVersioned** out, void* context,
         void (*set_error)(void*, const char*, const char*)) -> int {
        if (random.OneIn(4)) set_error(context, "MemoryError", "no memory");
        if (!random.OneIn(4)) {
          ++made;
          *out = &(new Offer<DLManagedTensorVersioned>(random, &deleted))->managed;
          return 0;
        }
        return random.OneIn(2) ? 0 : static_cast<int>(random.Integer());
      },
      0, nullptr);
  for (int i = 0; i < 3000 * kEffort; ++i) {
    Description prototype(random);
    TVMFFIObjectHandle handle = nullptr;
    if (TVMFFIEnvTensorAlloc(&prototype.tensor, &handle) != 0) {
      EXPECT_NE(TakeRaisedKind(), "");
      continue;
    }
    Inspect(Tensor(ObjectPtr<TensorObj>::AdoptHandle(handle)));
  }
  TVMFFIEnvSetDLPackManagedTensorAllocator(nullptr, 0, nullptr);
  TakeRaisedKind();
  EXPECT_EQ(deleted, made);
}

}  // namespace
}  // namespace kiln::fuzz
