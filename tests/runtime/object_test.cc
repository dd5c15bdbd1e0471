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

}  // namespace
}  // namespace kiln
