#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include <kiln/object.h>

namespace kiln {
namespace {

void CountDeletion(void* handle) { ++*static_cast<int*>(handle); }

TVMFFIObjectHandle MakeOpaque(int* deletions) {
  TVMFFIObjectHandle object = nullptr;
  EXPECT_EQ(TVMFFIObjectCreateOpaque(deletions, kTVMFFIOpaquePyObject, &CountDeletion, &object), 0);
  return object;
}

TEST(Object, OpaqueObjectDeletesItsHandleWithTheLastReference) {
  int deletions = 0;
  TVMFFIObjectHandle object = MakeOpaque(&deletions);
  EXPECT_EQ(TVMFFIOpaqueObjectGetCellPtr(object)->handle, &deletions);
  EXPECT_EQ(TVMFFIObjectIncRef(object), 0);
  EXPECT_EQ(TVMFFIObjectDecRef(object), 0);
  EXPECT_EQ(deletions, 0);
  EXPECT_EQ(TVMFFIObjectDecRef(object), 0);
  EXPECT_EQ(deletions, 1);
}

TEST(Object, WeakReferenceOutlivesTheObjectButNotItsMemory) {
  int deletions = 0;
  auto strong = ObjectPtr<Object>::AdoptHandle(MakeOpaque(&deletions));
  WeakPtr<Object> weak(strong);
  EXPECT_TRUE(weak.lock());
  strong = nullptr;
  EXPECT_EQ(deletions, 1);
  EXPECT_FALSE(weak.lock());
}

TEST(Object, NullHandleIsAnErrorToRetainAndNothingToRelease) {
  EXPECT_EQ(TVMFFIObjectDecRef(nullptr), 0);
  EXPECT_EQ(TVMFFIObjectIncRef(nullptr), -1);
  TVMFFIObjectHandle error = nullptr;
  TVMFFIErrorMoveFromRaised(&error);
  ASSERT_NE(error, nullptr);
  TVMFFIObjectDecRef(error);
}

TEST(Object, OpaqueObjectOfAnotherTypeIsRefused) {
  TVMFFIObjectHandle object = nullptr;
  EXPECT_EQ(TVMFFIObjectCreateOpaque(nullptr, kTVMFFIStr, nullptr, &object), -1);
  EXPECT_EQ(object, nullptr);
  TVMFFIErrorSetRaised(nullptr);
}

TEST(Allocator, BuiltinGivesAlignedMemoryWithItsHeaderInFront) {
  TVMFFICustomAllocator* allocator = TVMFFIGetCustomAllocator();
  for (const size_t alignment : {8, 16, 64, 256}) {
    void* body = allocator->allocate(40, alignment, kTVMFFIObject, allocator->context);
    ASSERT_NE(body, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(body) % alignment, 0u);
    std::memset(body, 0xff, 40);
    (static_cast<TVMFFIObjectAllocHeader*>(body) - 1)->delete_space(body);
  }
}

TEST(Allocator, BuiltinRaisesMemoryErrorWhenThereIsNone) {
  TVMFFICustomAllocator* allocator = TVMFFIGetCustomAllocator();
  EXPECT_EQ(allocator->allocate(SIZE_MAX, 8, kTVMFFIObject, allocator->context), nullptr);
  TVMFFIObjectHandle error = nullptr;
  TVMFFIErrorMoveFromRaised(&error);
  ASSERT_NE(error, nullptr);
  EXPECT_STREQ(TVMFFIErrorGetCellPtr(error)->kind.data, "MemoryError");
  TVMFFIObjectDecRef(error);
}

TEST(Allocator, NullRestoresTheBuiltinOne) {
  TVMFFICustomAllocator* builtin = TVMFFIGetCustomAllocator();
  TVMFFICustomAllocator own = *builtin;
  EXPECT_EQ(TVMFFISetCustomAllocator(&own), 0);
  EXPECT_EQ(TVMFFIGetCustomAllocator(), &own);
  EXPECT_EQ(TVMFFISetCustomAllocator(nullptr), 0);
  EXPECT_EQ(TVMFFIGetCustomAllocator(), builtin);
}

}  // namespace
}  // namespace kiln
