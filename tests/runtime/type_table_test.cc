#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <kiln/any.h>

namespace kiln {
namespace {

constexpr int32_t kQueryOnly = -2;

int32_t Ask(std::string_view key, int32_t depth, int32_t child_slots, bool overflow, int32_t parent,
            int32_t static_index = -1) {
  const TVMFFIByteArray bytes{key.data(), key.size()};
  return TVMFFITypeGetOrAllocIndex(&bytes, static_index, depth, child_slots, overflow ? 1 : 0,
                                   parent);
}

std::string TakeRaisedText() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  if (handle == nullptr) return "";
  return Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).what();
}

TEST(TypeTable, StaticTypesHaveTheirKeysAndParents) {
  for (const auto& [index, key] : {std::pair<int32_t, const char*>{kTVMFFINone, "None"},
                                   {kTVMFFIDLTensorPtr, "DLTensor*"},
                                   {kTVMFFISmallStr, "ffi.SmallStr"},
                                   {kTVMFFIObject, "ffi.Object"},
                                   {kTVMFFIFunction, "ffi.Function"},
                                   {kTVMFFIBigInt, "ffi.BigInt"}}) {
    const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
    ASSERT_NE(info, nullptr) << key;
    EXPECT_EQ(details::ViewOf(info->type_key), key);
    EXPECT_EQ(info->type_index, index);
    EXPECT_EQ(info->type_depth, index > kTVMFFIObject ? 1 : 0);
    if (index > kTVMFFIObject) {
      EXPECT_EQ(info->type_ancestors[0]->type_index, kTVMFFIObject);
    }
  }
}

TEST(TypeTable, UnknownIndexGivesNull) {
  for (const int32_t index : {-2, -1, 14, 63, 79, 127, 1 << 20, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(TVMFFIGetTypeInfo(index), nullptr) << index;
  }
}

TEST(TypeTable, UnknownKeyIsAnError) {
  const TVMFFIByteArray key{"test.types.Unknown", 18};
  int32_t index = 5;
  EXPECT_EQ(TVMFFITypeKeyToIndex(&key, &index), -1);
  EXPECT_EQ(index, 5);
  EXPECT_NE(TakeRaisedText().find("test.types.Unknown"), std::string::npos);
}

TEST(TypeTable, DynamicTypeKeepsItsIndexAndAncestors) {
  const int32_t base = Ask("test.types.Base", 1, 0, true, kTVMFFIObject);
  EXPECT_GE(base, kTVMFFIDynObjectBegin);
  const int32_t derived = Ask("test.types.Derived", 2, 0, true, base);
  EXPECT_EQ(Ask("test.types.Derived", 7, 1, false, 99), derived);
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(derived);
  ASSERT_EQ(info->type_depth, 2);
  EXPECT_EQ(info->type_ancestors[0]->type_index, kTVMFFIObject);
  EXPECT_EQ(info->type_ancestors[1]->type_index, base);
}

TEST(TypeTable, QueryOnlyNeitherAddsNorRaises) {
  EXPECT_EQ(Ask("test.types.Queried", 0, 0, false, kQueryOnly), -2);
  EXPECT_EQ(TakeRaisedText(), "");
  const int32_t index = Ask("test.types.Queried", 1, 0, true, kTVMFFIObject);
  EXPECT_EQ(Ask("test.types.Queried", 0, 0, false, kQueryOnly), index);
}

TEST(TypeTable, ChildrenTakeTheirParentsSlotsThenOverflow) {
  const int32_t parent = Ask("test.types.Slots", 1, 2, true, kTVMFFIObject);
  const int32_t after = Ask("test.types.AfterSlots", 1, 0, true, kTVMFFIObject);
  EXPECT_EQ(after, parent + 3);
  EXPECT_EQ(Ask("test.types.Slots.1", 2, 0, true, parent), parent + 1);
  EXPECT_EQ(Ask("test.types.Slots.Wide", 2, 1, true, parent), after + 1);
  EXPECT_EQ(Ask("test.types.Slots.2", 2, 0, true, parent), parent + 2);
  EXPECT_EQ(Ask("test.types.Slots.3", 2, 0, true, parent), after + 3);
}

TEST(TypeTable, ParentWithoutOverflowRefusesOneChildTooMany) {
  const int32_t parent = Ask("test.types.Closed", 1, 1, false, kTVMFFIObject);
  EXPECT_EQ(Ask("test.types.Closed.1", 2, 0, true, parent), parent + 1);
  EXPECT_EQ(Ask("test.types.Closed.2", 2, 0, true, parent), -2);
  EXPECT_NE(TakeRaisedText().find("test.types.Closed"), std::string::npos);
}

TEST(TypeTable, RequestThatContradictsTheTableIsRefused) {
  EXPECT_EQ(Ask("test.types.Bad1", 2, 0, true, kTVMFFIObject), -2);
  EXPECT_EQ(Ask("test.types.Bad2", 1, 0, true, 100000), -2);
  EXPECT_EQ(Ask("test.types.Bad3", 0, 0, true, -1), -2);
  EXPECT_EQ(Ask("test.types.Bad4", 1, -1, true, kTVMFFIObject), -2);
  EXPECT_EQ(Ask("test.types.Bad5", 1, INT32_MAX, true, kTVMFFIObject), -2);
  EXPECT_EQ(Ask("test.types.Bad6", 1, 0, true, kTVMFFIObject, kTVMFFIStr), -2);
  EXPECT_EQ(Ask("test.types.Bad7", 1, 0, true, kTVMFFIObject, 128), -2);
  EXPECT_NE(TakeRaisedText(), "");
  EXPECT_EQ(Ask("test.types.Bad1", 0, 0, false, kQueryOnly), -2);
}

TEST(TypeTable, FreeStaticIndexCanBeTaken) {
  EXPECT_EQ(Ask("test.types.Static", 1, 0, true, kTVMFFIObject, 120), 120);
  EXPECT_EQ(details::ViewOf(TVMFFIGetTypeInfo(120)->type_key), "test.types.Static");
}

TEST(TypeTable, PublishedTypeNeverMoves) {
  const int32_t first = Ask("test.types.First", 1, 0, true, kTVMFFIObject);
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(first);
  for (int i = 0; i < 3000; ++i) {
    Ask("test.types.Many." + std::to_string(i), 1, 0, true, kTVMFFIObject);
  }
  EXPECT_EQ(TVMFFIGetTypeInfo(first), info);
  EXPECT_EQ(details::ViewOf(info->type_key), "test.types.First");
  const int32_t last = Ask("test.types.Many.2999", 0, 0, false, kQueryOnly);
  EXPECT_EQ(details::ViewOf(TVMFFIGetTypeInfo(last)->type_key), "test.types.Many.2999");
}

}  // namespace
}  // namespace kiln
