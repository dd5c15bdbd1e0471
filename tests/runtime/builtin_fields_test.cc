#include <string>

#include <gtest/gtest.h>

#include <kiln/module.h>

#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

class EmptyModuleObj : public ModuleObj {
 public:
  const char* kind() const override { return "empty"; }
  Optional<Function> GetFunction(const String&) override { return std::nullopt; }
};

const TVMFFIFieldInfo& ImportsField() {
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(kTVMFFIModule);
  EXPECT_EQ(info->num_fields, 1);
  EXPECT_EQ(details::ViewOf(info->fields[0].name), "imports_");
  return info->fields[0];
}

void* AddressOf(const TVMFFIFieldInfo& field, const Module& module) {
  return reinterpret_cast<char*>(module.handle()) + field.offset;
}

TEST(BuiltinFields, ImportsOfAModuleAreReadByReflection) {
  const TVMFFIFieldInfo& field = ImportsField();
  const Module module(MakeObject<EmptyModuleObj>());
  const Module other(MakeObject<EmptyModuleObj>());
  Any before;
  CheckCall(field.getter(AddressOf(field, module), before.out()));
  EXPECT_EQ(before.cast<Array<Any>>().size(), 0u);
  module->ImportModule(other);
  Any after;
  CheckCall(field.getter(AddressOf(field, module), after.out()));
  ASSERT_EQ(after.cast<Array<Any>>().size(), 1u);
  EXPECT_TRUE(after.cast<Array<Any>>()[0].cast<Module>().same_as(other));
}

TEST(BuiltinFields, ImportsOfAModuleAreNotSetByReflection) {
  const TVMFFIFieldInfo& field = ImportsField();
  EXPECT_EQ(field.flags & kTVMFFIFieldFlagBitMaskWritable, 0);
  const Module module(MakeObject<EmptyModuleObj>());
  const Any circle = Any(Array<Any>{Any(module)});
  const auto setter = reinterpret_cast<TVMFFIFieldSetter>(field.setter);
  EXPECT_EQ(setter(AddressOf(field, module), &circle.raw()), -1);
  EXPECT_EQ(TakeRaisedKind(), "TypeError");
  EXPECT_TRUE(module->imports().empty());
}

}  // namespace
}  // namespace kiln
