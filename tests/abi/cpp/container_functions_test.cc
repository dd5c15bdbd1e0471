// Containers through the global functions, as languages without inline code use them.
#include <string>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

template <typename... Args>
Any Call(const char* name, const Args&... args) {
  return GlobalFunction::Get(std::string("ffi.") + name)(args...);
}

TEST(ContainerFunctions, ReadArrays) {
  const Any array = Call("Array", 1, "a", 2.5, nullptr);
  EXPECT_EQ(array.type_index(), kTVMFFIArray);
  EXPECT_EQ(Call("ArraySize", array).cast<int>(), 4);
  EXPECT_EQ(Call("ArrayGetItem", array, 1).cast<String>(), "a");
  EXPECT_TRUE(Call("ArrayGetItem", array, 3).is_none());
  EXPECT_EQ(ThrownBy([&] { Call("ArrayGetItem", array, 4); }).kind(), "IndexError");
  EXPECT_EQ(ThrownBy([&] { Call("ArrayGetItem", array, -1); }).kind(), "IndexError");
  EXPECT_TRUE(Call("ArrayContains", array, "a").cast<bool>());
  EXPECT_FALSE(Call("ArrayContains", array, true).cast<bool>());
  EXPECT_FALSE(Call("ArrayContains", array, 1.0).cast<bool>());
  EXPECT_EQ(ThrownBy([] { Call("ArraySize", nullptr); }).kind(), "TypeError");
  EXPECT_EQ(ThrownBy([] { Call("ArraySize", Call("List")); }).kind(), "TypeError");
}

TEST(ContainerFunctions, ChangeLists) {
  const Any list = Call("List", 1, "a", 2.5);
  Call("ListSetItem", list, 0, 9);
  Call("ListAppend", list, "z");
  Call("ListInsert", list, 1, "ins");
  Call("ListInsert", list, 5, "end");
  EXPECT_EQ(Call("ListSize", list).cast<int>(), 6);
  EXPECT_EQ(Call("ListGetItem", list, 5).cast<String>(), "end");
  EXPECT_TRUE(Call("ListContains", list, "ins").cast<bool>());
  EXPECT_EQ(Call("ListPop", list, 0).cast<int>(), 9);
  Call("ListErase", list, 0);
  Call("ListEraseRange", list, 1, 3);
  EXPECT_EQ(Call("ListSize", list).cast<int>(), 2);
  for (const int index : {-1, 2}) {
    EXPECT_EQ(ThrownBy([&] { Call("ListGetItem", list, index); }).kind(), "IndexError");
    EXPECT_EQ(ThrownBy([&] { Call("ListSetItem", list, index, 0); }).kind(), "IndexError");
    EXPECT_EQ(ThrownBy([&] { Call("ListPop", list, index); }).kind(), "IndexError");
    EXPECT_EQ(ThrownBy([&] { Call("ListErase", list, index); }).kind(), "IndexError");
  }
  EXPECT_EQ(ThrownBy([&] { Call("ListInsert", list, 3, 0); }).kind(), "IndexError");
  EXPECT_EQ(ThrownBy([&] { Call("ListEraseRange", list, 0, 3); }).kind(), "IndexError");
  EXPECT_EQ(ThrownBy([&] { Call("ListEraseRange", list, 1, 0); }).kind(), "IndexError");
  Call("ListReplaceSlice", list, 0, 1, Call("List", 1, 2, 3));
  Call("ListReplaceSlice", list, 4, 4, Call("Array", 5));
  Call("ListReverse", list);
  EXPECT_EQ(Call("ListSize", list).cast<int>(), 5);
  EXPECT_EQ(Call("ListGetItem", list, 0).cast<int>(), 5);
  EXPECT_EQ(Call("ListGetItem", list, 4).cast<int>(), 1);
  Call("ListReserve", list, 100);
  Call("ListReserve", list, -1);
  Call("ListClear", list);
  EXPECT_EQ(Call("ListSize", list).cast<int>(), 0);
  EXPECT_EQ(ThrownBy([] { Call("ListAppend", Call("Array"), 1); }).kind(), "TypeError");
}

TEST(ContainerFunctions, ReadMaps) {
  const Any map = Call("Map", "a", 1, "b", 2, "a", 3);
  EXPECT_EQ(Call("MapSize", map).cast<int>(), 2);
  EXPECT_EQ(Call("MapGetItem", map, "a").cast<int>(), 3);
  EXPECT_EQ(ThrownBy([&] { Call("MapGetItem", map, "c"); }).kind(), "KeyError");
  EXPECT_EQ(Call("MapCount", map, "b").cast<int>(), 1);
  EXPECT_EQ(Call("MapCount", map, 1).cast<int>(), 0);
  EXPECT_EQ(Call("MapGetItemOrMissing", map, "b").cast<int>(), 2);
  const auto missing = Call("MapGetItemOrMissing", map, "c").cast<ObjectRef>();
  EXPECT_TRUE(missing.same_as(Call("GetInvalidObject").cast<ObjectRef>()));
  EXPECT_EQ(missing.type_index(), kTVMFFIObject);
  EXPECT_EQ(ThrownBy([] { Call("Map", "a"); }).kind(), "RuntimeError");
  EXPECT_EQ(ThrownBy([&] { Call("MapSize", Call("Dict")); }).kind(), "TypeError");
}

TEST(ContainerFunctions, IterateByACursor) {
  for (const char* kind : {"Map", "Dict"}) {
    const Any table = Call(kind, "a", 1, "b", 2);
    const std::string name = std::string(kind) + "ForwardIterFunctor";
    const auto cursor = Call(name.c_str(), table).cast<Function>();
    EXPECT_EQ(cursor(0).cast<String>(), "a");
    EXPECT_EQ(cursor(1).cast<int>(), 1);
    EXPECT_TRUE(cursor(2).cast<bool>());
    EXPECT_EQ(cursor(0).cast<String>(), "b");
    EXPECT_FALSE(cursor(2).cast<bool>());
    EXPECT_FALSE(cursor(2).cast<bool>());
    EXPECT_EQ(ThrownBy([&] { cursor(0); }).kind(), "IndexError");
  }
}

TEST(ContainerFunctions, ChangeDicts) {
  const Any dict = Call("Dict", "a", 1);
  for (int i = 0; i < 100; ++i) Call("DictSetItem", dict, i, -i);
  EXPECT_EQ(Call("DictSize", dict).cast<int>(), 101);
  EXPECT_EQ(Call("DictGetItem", dict, 99).cast<int>(), -99);
  Call("DictErase", dict, "a");
  Call("DictErase", dict, "a");
  EXPECT_EQ(Call("DictCount", dict, "a").cast<int>(), 0);
  EXPECT_EQ(Call("DictGetItemOrMissing", dict, "a").type_index(), kTVMFFIObject);
  EXPECT_EQ(ThrownBy([&] { Call("DictGetItem", dict, "a"); }).kind(), "KeyError");
  Call("DictClear", dict);
  EXPECT_EQ(Call("DictSize", dict).cast<int>(), 0);
  EXPECT_EQ(ThrownBy([] { Call("DictSetItem", Call("Map"), 1, 2); }).kind(), "TypeError");
}

}  // namespace
}  // namespace kiln::testing
