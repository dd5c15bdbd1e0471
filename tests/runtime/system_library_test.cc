#include <string>

#include <gtest/gtest.h>

#include <kiln/module.h>
#include <tvm/ffi/extra/c_env_api.h>

#include "tests/runtime/reflection.h"

namespace kiln {
namespace {

template <int64_t value>
int Return(void*, const TVMFFIAny*, int32_t, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = value;
  return 0;
}

template <int64_t value>
void AddFunction(const std::string& symbol) {
  CheckCall(
      TVMFFIEnvModRegisterSystemLibSymbol(symbol.c_str(), reinterpret_cast<void*>(&Return<value>)));
}

Module SystemLibrary(const std::string& prefix) {
  return GlobalFunction::Get("ffi.SystemLib")(prefix).cast<Module>();
}

TEST(SystemLibrary, FunctionIsFoundByItsPrefixedSymbolFirst) {
  AddFunction<1>("__tvm_ffi_test.one.f");
  AddFunction<2>("__tvm_ffi_f");
  AddFunction<3>("__tvm_ffi_g");
  const Module module = SystemLibrary("test.one.");
  EXPECT_EQ(module.GetFunction("f")().cast<int>(), 1);
  EXPECT_EQ(module.GetFunction("g")().cast<int>(), 3);
  EXPECT_EQ(module.GetFunction("test.one.f")().cast<int>(), 1);
  EXPECT_FALSE(module.FindFunction("h").has_value());
  EXPECT_EQ(SystemLibrary("").GetFunction("f")().cast<int>(), 2);
  EXPECT_STREQ(module->kind(), "library");
  EXPECT_EQ(module->GetPropertyMask(), 3);
}

TEST(SystemLibrary, SamePrefixIsTheSameModule) {
  EXPECT_TRUE(SystemLibrary("test.same.").same_as(SystemLibrary("test.same.")));
  EXPECT_FALSE(SystemLibrary("test.same.").same_as(SystemLibrary("test.other.")));
  const Any without = GlobalFunction::Get("ffi.SystemLib")();
  EXPECT_TRUE(without.cast<Module>().same_as(SystemLibrary("")));
}

TEST(SystemLibrary, LaterSymbolReplacesTheEarlier) {
  const Module module = SystemLibrary("test.later.");
  EXPECT_FALSE(module.FindFunction("late").has_value());
  AddFunction<1>("__tvm_ffi_test.later.late");
  EXPECT_EQ(module.GetFunction("late")().cast<int>(), 1);
  AddFunction<2>("__tvm_ffi_test.later.late");
  EXPECT_EQ(module.GetFunction("late")().cast<int>(), 2);
}

TEST(SystemLibrary, VariablesAreSetAsInSharedLibraries) {
  static void* context = nullptr;
  static void* wanted = nullptr;
  int value = 0;
  CheckCall(TVMFFIEnvModRegisterSystemLibSymbol("test.set.__tvm_ffi__library_ctx", &context));
  CheckCall(TVMFFIEnvModRegisterSystemLibSymbol("test.set.__kiln_test_system", &wanted));
  CheckCall(TVMFFIEnvModRegisterContextSymbol("__kiln_test_system", &value));
  const Module module = SystemLibrary("test.set.");
  EXPECT_EQ(context, module.get());
  EXPECT_EQ(wanted, &value);
  CheckCall(TVMFFIEnvModRegisterContextSymbol("__kiln_test_system", nullptr));
}

TEST(SystemLibrary, BadArgumentsAreErrors) {
  EXPECT_EQ(TVMFFIEnvModRegisterSystemLibSymbol(nullptr, nullptr), -1);
  EXPECT_EQ(TakeRaisedKind(), "ValueError");
  EXPECT_THROW(GlobalFunction::Get("ffi.SystemLib")(1), Error);
  EXPECT_THROW(GlobalFunction::Get("ffi.SystemLib")(nullptr), Error);
}

}  // namespace
}  // namespace kiln
