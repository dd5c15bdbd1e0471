// What a library with the reference's headers describes is read back through the C ABI.
#include <dlfcn.h>

#include <string>

#include <gtest/gtest.h>

#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

class ReflectedLibrary : public testing::Test {
 protected:
  void SetUp() override {
    // Once, for good: types are never unregistered.
    static void* const library =
        dlopen(KILN_TEST_REFLECTED_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    ASSERT_NE(library, nullptr) << dlerror();
    const TVMFFIByteArray key = details::ByteArrayOf("kiln.test.Point");
    int32_t index = 0;
    CheckCall(TVMFFITypeKeyToIndex(&key, &index));
    info_ = TVMFFIGetTypeInfo(index);
  }

  const TVMFFIFieldInfo& Field(std::string_view name) const {
    for (int32_t i = 0; i < info_->num_fields; ++i) {
      if (details::ViewOf(info_->fields[i].name) == name) return info_->fields[i];
    }
    throw Error("KeyError", name);
  }
  Function Method(std::string_view name) const {
    for (int32_t i = 0; i < info_->num_methods; ++i) {
      if (details::ViewOf(info_->methods[i].name) != name) continue;
      return AnyView::FromRaw(info_->methods[i].method).cast<Function>();
    }
    throw Error("KeyError", name);
  }
  static void* AddressIn(const Any& object, const TVMFFIFieldInfo& field) {
    return reinterpret_cast<char*>(object.raw().v_obj) + field.offset;
  }

  const TVMFFITypeInfo* info_ = nullptr;
};

TEST_F(ReflectedLibrary, FieldsAreDescribed) {
  ASSERT_EQ(info_->num_fields, 3);
  const TVMFFIFieldInfo& x = Field("x");
  EXPECT_EQ(details::ViewOf(x.doc), "The abscissa.");
  EXPECT_EQ(x.offset, 24);
  EXPECT_EQ(x.size, 8);
  EXPECT_EQ(x.flags & kTVMFFIFieldFlagBitMaskWritable, 0);
  EXPECT_NE(Field("y").flags & kTVMFFIFieldFlagBitMaskWritable, 0);
  const TVMFFIFieldInfo& label = Field("label");
  EXPECT_NE(label.flags & kTVMFFIFieldFlagBitMaskHasDefault, 0);
  EXPECT_EQ(AnyView::FromRaw(label.default_value_or_factory).cast<std::string>(),
            "a point without a name");
  ASSERT_NE(info_->metadata, nullptr);
  EXPECT_EQ(info_->metadata->total_size, 56);
}

TEST_F(ReflectedLibrary, ObjectIsMadeReadAndWrittenByReflection) {
  const Any point = Method("make")(3, 4);
  EXPECT_EQ(point.type_index(), info_->type_index);
  const TVMFFIFieldInfo& y = Field("y");
  Any value;
  ASSERT_EQ(y.getter(AddressIn(point, y), value.out()), 0);
  EXPECT_EQ(value.cast<int64_t>(), 4);
  value = Any(40);
  ASSERT_EQ(reinterpret_cast<TVMFFIFieldSetter>(y.setter)(AddressIn(point, y), &value.raw()), 0);
  EXPECT_EQ(Method("sum")(point).cast<int64_t>(), 43);
}

TEST_F(ReflectedLibrary, CreatorMakesAnObject) {
  ASSERT_NE(info_->metadata->creator, nullptr);
  TVMFFIObjectHandle handle = nullptr;
  ASSERT_EQ(info_->metadata->creator(&handle), 0);
  const ObjectRef point(ObjectPtr<Object>::AdoptHandle(handle));
  EXPECT_EQ(point.type_index(), info_->type_index);
}

TEST_F(ReflectedLibrary, AttributesAreFoundInTheirColumns) {
  const TVMFFITypeAttrColumn* column = ColumnOf("kiln.test.size");
  ASSERT_NE(column, nullptr);
  ASSERT_GT(column->size, info_->type_index);
  EXPECT_EQ(AnyView::FromRaw(column->data[info_->type_index]).cast<int64_t>(), 2);
  EXPECT_NE(ColumnOf("kiln.test.empty"), nullptr);
}

}  // namespace
}  // namespace kiln
