#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

constexpr int32_t kNoType = 99999;

int Get(void* field, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = *static_cast<int64_t*>(field);
  return 0;
}

TEST(TypeReflection, FieldIsCopied) {
  const int32_t type = MakeType("test.reflection.Copied");
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(type);
  EXPECT_EQ(info->num_fields, 0);
  {
    std::string name = "a_field_with_a_long_name";
    std::string doc = "What the field is for.";
    std::string metadata = "{}";
    std::string text = "a default value of some length";
    TVMFFIFieldInfo field{};
    field.name = details::ByteArrayOf(name);
    field.doc = details::ByteArrayOf(doc);
    field.metadata = details::ByteArrayOf(metadata);
    field.flags = kTVMFFIFieldFlagBitMaskHasDefault | kTVMFFIFieldFlagBitMaskWritable;
    field.size = 8;
    field.alignment = 4;
    field.offset = 24;
    field.getter = &Get;
    field.default_value_or_factory = AnyView(text.c_str()).raw();
    field.field_static_type_index = kTVMFFIStr;
    ASSERT_EQ(TVMFFITypeRegisterField(type, &field), 0);
    name.assign(name.size(), 'x');
    doc.assign(doc.size(), 'x');
    text.assign(text.size(), 'x');
  }
  ASSERT_EQ(info->num_fields, 1);
  const TVMFFIFieldInfo& field = info->fields[0];
  EXPECT_EQ(details::ViewOf(field.name), "a_field_with_a_long_name");
  EXPECT_EQ(details::ViewOf(field.doc), "What the field is for.");
  EXPECT_EQ(details::ViewOf(field.metadata), "{}");
  EXPECT_EQ(field.flags, kTVMFFIFieldFlagBitMaskHasDefault | kTVMFFIFieldFlagBitMaskWritable);
  EXPECT_EQ(field.size, 8);
  EXPECT_EQ(field.alignment, 4);
  EXPECT_EQ(field.offset, 24);
  EXPECT_EQ(field.getter, &Get);
  EXPECT_EQ(field.field_static_type_index, kTVMFFIStr);
  EXPECT_EQ(AnyView::FromRaw(field.default_value_or_factory).cast<std::string>(),
            "a default value of some length");
}

TEST(TypeReflection, ArraysNeverMove) {
  const int32_t type = MakeType("test.reflection.Many");
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(type);
  const TVMFFIFieldInfo* fields = info->fields;
  ASSERT_NE(fields, nullptr);
  for (int i = 0; i < 1024; ++i) ASSERT_EQ(AddField(type, "f" + std::to_string(i)), 0);
  EXPECT_EQ(info->fields, fields);
  EXPECT_EQ(info->num_fields, 1024);
  EXPECT_EQ(details::ViewOf(fields[1023].name), "f1023");
  EXPECT_EQ(AddField(type, "one_too_many"), -1);
  EXPECT_EQ(TakeRaisedKind(), "RuntimeError");
  EXPECT_EQ(info->num_fields, 1024);
}

TEST(TypeReflection, FieldNameTwiceIsAnError) {
  const int32_t type = MakeType("test.reflection.Twice");
  ASSERT_EQ(AddField(type, "x", "first"), 0);
  EXPECT_EQ(AddField(type, "x", "second"), -1);
  EXPECT_EQ(TakeRaisedKind(), "InternalError");
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->num_fields, 1);
  EXPECT_EQ(details::ViewOf(TVMFFIGetTypeInfo(type)->fields[0].doc), "first");
}

TEST(TypeReflection, MethodIsHeldAndCallable) {
  const int32_t type = MakeType("test.reflection.Method");
  const auto state = std::make_shared<int64_t>(7);
  ASSERT_EQ(AddMethod(type, "seven", Function::FromTyped([state] { return *state; })), 0);
  EXPECT_EQ(state.use_count(), 2);
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(type);
  ASSERT_EQ(info->num_methods, 1);
  const TVMFFIMethodInfo& method = info->methods[0];
  EXPECT_EQ(details::ViewOf(method.name), "seven");
  EXPECT_EQ(AnyView::FromRaw(method.method).cast<Function>()().cast<int64_t>(), 7);
}

TEST(TypeReflection, MethodsMayShareAName) {
  const int32_t type = MakeType("test.reflection.Overloads");
  const Function function = Function::FromTyped([] { return 1; });
  EXPECT_EQ(AddMethod(type, "f", function), 0);
  EXPECT_EQ(AddMethod(type, "f", function), 0);
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->num_methods, 2);
}

TEST(TypeReflection, MethodThatIsNoFunctionIsRefused) {
  const int32_t type = MakeType("test.reflection.NoFunction");
  TVMFFIMethodInfo method{};
  method.name = details::ByteArrayOf("f");
  EXPECT_EQ(TVMFFITypeRegisterMethod(type, &method), -1);
  EXPECT_EQ(TakeRaisedKind(), "TypeError");
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->num_methods, 0);
}

TEST(TypeReflection, SetterThatIsAnObjectIsHeld) {
  const int32_t type = MakeType("test.reflection.Setter");
  const auto state = std::make_shared<int>(0);
  TVMFFIFieldInfo field{};
  field.name = details::ByteArrayOf("x");
  field.flags = kTVMFFIFieldFlagBitSetterIsFunctionObj;
  {
    const Function setter = Function::FromTyped([state](void*, int64_t) {});
    field.setter = setter.handle();
    ASSERT_EQ(TVMFFITypeRegisterField(type, &field), 0);
  }
  EXPECT_EQ(state.use_count(), 2);
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->fields[0].setter, field.setter);

  const Error no_function("ValueError", "an object of another type");
  field.name = details::ByteArrayOf("y");
  field.setter = no_function.handle();
  EXPECT_EQ(TVMFFITypeRegisterField(type, &field), -1);
  EXPECT_EQ(TakeRaisedKind(), "TypeError");
}

TEST(TypeReflection, MetadataIsRegisteredOnce) {
  const int32_t type = MakeType("test.reflection.Metadata");
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(type);
  EXPECT_EQ(info->metadata, nullptr);
  TVMFFITypeMetadata metadata{};
  metadata.doc = details::ByteArrayOf("A type.");
  metadata.total_size = 40;
  metadata.structural_eq_hash_kind = kTVMFFISEqHashKindTreeNode;
  ASSERT_EQ(TVMFFITypeRegisterMetadata(type, &metadata), 0);
  metadata.total_size = 48;
  EXPECT_EQ(TVMFFITypeRegisterMetadata(type, &metadata), -1);
  EXPECT_EQ(TakeRaisedKind(), "RuntimeError");
  EXPECT_EQ(details::ViewOf(info->metadata->doc), "A type.");
  EXPECT_EQ(info->metadata->total_size, 40);
  EXPECT_EQ(info->metadata->structural_eq_hash_kind, kTVMFFISEqHashKindTreeNode);
}

TEST(TypeReflection, UnknownTypeIsAnError) {
  const TVMFFITypeMetadata metadata{};
  for (const int32_t type : {kNoType, -1, INT32_MIN, INT32_MAX}) {
    EXPECT_EQ(AddField(type, "x"), -1);
    EXPECT_EQ(TakeRaisedKind(), "InternalError");
    EXPECT_EQ(AddMethod(type, "f", Function::FromTyped([] {})), -1);
    EXPECT_EQ(TakeRaisedKind(), "InternalError");
    EXPECT_EQ(TVMFFITypeRegisterMetadata(type, &metadata), -1);
    EXPECT_EQ(TakeRaisedKind(), "InternalError");
  }
}

TEST(TypeReflection, NullIsAnError) {
  const int32_t type = MakeType("test.reflection.Null");
  EXPECT_EQ(TVMFFITypeRegisterField(type, nullptr), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(TVMFFITypeRegisterMethod(type, nullptr), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_EQ(TVMFFITypeRegisterMetadata(type, nullptr), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  TVMFFIFieldInfo field{};
  field.name = {nullptr, 3};
  EXPECT_EQ(TVMFFITypeRegisterField(type, &field), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
}

}  // namespace
}  // namespace kiln
