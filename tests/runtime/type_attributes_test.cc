#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

TEST(TypeAttributes, UnknownColumnIsNull) {
  EXPECT_EQ(ColumnOf("test.attributes.unknown"), nullptr);
  EXPECT_EQ(TakeRaisedKind(), "");
}

TEST(TypeAttributes, ValueIsFoundAtTheTypesIndex) {
  const int32_t type = MakeType("test.attributes.Value");
  ASSERT_EQ(AddAttribute(type, "test.attributes.value", "a text of some length"), 0);
  const TVMFFITypeAttrColumn* column = ColumnOf("test.attributes.value");
  ASSERT_NE(column, nullptr);
  EXPECT_EQ(column->begin_index, 0);
  ASSERT_EQ(column->size, type + 1);
  EXPECT_EQ(AnyView::FromRaw(column->data[type]).cast<std::string>(), "a text of some length");
  EXPECT_EQ(column->data[type].type_index, kTVMFFIStr);
  for (int32_t i = 0; i < type; ++i) EXPECT_EQ(column->data[i].type_index, kTVMFFINone);
}

TEST(TypeAttributes, ColumnAndItsArrayNeverMove) {
  const std::string name = "test.attributes.grows";
  ASSERT_EQ(AddAttribute(kTVMFFIStr, name, 1), 0);
  const TVMFFITypeAttrColumn* column = ColumnOf(name);
  const TVMFFIAny* data = column->data;
  int32_t type = 0;
  for (int i = 0; i < 2000; ++i) type = MakeType("test.attributes.Grows" + std::to_string(i));
  ASSERT_EQ(AddAttribute(type, name, 2), 0);
  ASSERT_EQ(AddAttribute(kTVMFFIInt, name, 3), 0);
  EXPECT_EQ(ColumnOf(name), column);
  EXPECT_EQ(column->data, data);
  EXPECT_EQ(column->size, type + 1);
  EXPECT_EQ(data[kTVMFFIStr].v_int64, 1);
  EXPECT_EQ(data[type].v_int64, 2);
  EXPECT_EQ(data[kTVMFFIInt].v_int64, 3);
}

TEST(TypeAttributes, TypeNoneOnlyMakesTheColumn) {
  const std::string name = "test.attributes.empty";
  const TVMFFIByteArray bytes = details::ByteArrayOf(name);
  ASSERT_EQ(TVMFFITypeRegisterAttr(kTVMFFINone, &bytes, nullptr), 0);
  ASSERT_EQ(AddAttribute(kTVMFFINone, name, 5), 0);
  ASSERT_NE(ColumnOf(name), nullptr);
  EXPECT_EQ(ColumnOf(name)->size, 0);
}

TEST(TypeAttributes, SecondValueIsRefused) {
  const std::string name = "test.attributes.twice";
  const auto state = std::make_shared<int64_t>(1);
  ASSERT_EQ(AddAttribute(kTVMFFIStr, name, Function::FromTyped([state] { return *state; })), 0);
  EXPECT_EQ(AddAttribute(kTVMFFIStr, name, 2), -1);
  EXPECT_EQ(TakeRaisedKind(), "RuntimeError");
  EXPECT_EQ(state.use_count(), 2);
  const AnyView value = AnyView::FromRaw(ColumnOf(name)->data[kTVMFFIStr]);
  EXPECT_EQ(value.cast<Function>()().cast<int64_t>(), 1);
}

TEST(TypeAttributes, ColumnsThatLibrariesLookForAreThereWithoutValues) {
  for (const char* name : {"__ffi_enum__", "__ffi_repr__", "__s_visit__", "__data_to_json__"}) {
    EXPECT_NE(ColumnOf(name), nullptr) << name;
  }
  EXPECT_EQ(ColumnOf("__test_unknown__"), nullptr);
}

TEST(TypeAttributes, BadArgumentsAreErrors) {
  for (const int32_t type : {99999, -5, INT32_MIN, INT32_MAX}) {
    EXPECT_EQ(AddAttribute(type, "test.attributes.bad", 1), -1);
    EXPECT_EQ(TakeRaisedKind(), "InternalError");
  }
  EXPECT_EQ(ColumnOf("test.attributes.bad"), nullptr);
  const TVMFFIByteArray name = details::ByteArrayOf("test.attributes.bad");
  EXPECT_EQ(TVMFFITypeRegisterAttr(kTVMFFIStr, &name, nullptr), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  const TVMFFIAny value{};
  EXPECT_EQ(TVMFFITypeRegisterAttr(kTVMFFIStr, nullptr, &value), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(TVMFFIGetTypeAttrColumn(nullptr), nullptr);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
}

}  // namespace
}  // namespace kiln
