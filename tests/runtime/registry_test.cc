#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/registry.h>

#include "runtime/name_table.h"

namespace kiln {
namespace {

Function Returning(int64_t value) {
  return Function::FromTyped([value] { return value; });
}

TEST(Registry, FindGivesTheFunctionThatWasSet) {
  const Function function = Returning(1);
  GlobalFunction::Register("test.registry.find", function);
  EXPECT_TRUE(GlobalFunction::Get("test.registry.find").same_as(function));
  EXPECT_EQ(function.use_count(), 2u);
  GlobalFunction::Remove("test.registry.find");
}

TEST(Registry, UnknownNameGivesNothingAndNoError) {
  EXPECT_FALSE(GlobalFunction::Find("test.registry.unknown").has_value());
  EXPECT_FALSE(GlobalFunction::Find("").has_value());
}

TEST(Registry, OverrideWithoutPermissionKeepsTheOldFunction) {
  GlobalFunction::Register("test.registry.taken", Returning(1));
  try {
    GlobalFunction::Register("test.registry.taken", Returning(2));
    FAIL() << "the name is taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "RuntimeError");
    EXPECT_NE(error.message().find("test.registry.taken"), std::string_view::npos);
  }
  EXPECT_EQ(GlobalFunction::Get("test.registry.taken")().cast<int64_t>(), 1);
  GlobalFunction::Remove("test.registry.taken");
}

TEST(Registry, OverrideReleasesTheOldFunctionAndNotWhatWasHandedOut) {
  const Function old_function = Returning(1);
  GlobalFunction::Register("test.registry.override", old_function);
  const Function handed_out = GlobalFunction::Get("test.registry.override");
  GlobalFunction::Register("test.registry.override", Returning(2), /*override=*/true);
  EXPECT_EQ(old_function.use_count(), 2u);
  EXPECT_EQ(handed_out().cast<int64_t>(), 1);
  EXPECT_EQ(GlobalFunction::Get("test.registry.override")().cast<int64_t>(), 2);
  GlobalFunction::Remove("test.registry.override");
}

TEST(Registry, RemovedNameCanBeRegisteredAgain) {
  const Function function = Returning(1);
  GlobalFunction::Register("test.registry.again", function);
  EXPECT_TRUE(GlobalFunction::Remove("test.registry.again"));
  EXPECT_EQ(function.use_count(), 1u);
  EXPECT_FALSE(GlobalFunction::Remove("test.registry.again"));
  EXPECT_FALSE(GlobalFunction::Find("test.registry.again").has_value());
  GlobalFunction::Register("test.registry.again", Returning(3));
  EXPECT_EQ(GlobalFunction::Get("test.registry.again")().cast<int64_t>(), 3);
  GlobalFunction::Remove("test.registry.again");
}

TEST(Registry, OnlyAFunctionCanBeRegistered) {
  const Error no_function("ValueError", "an object, but no function");
  const TVMFFIByteArray name{"test.registry.type", 18};
  for (TVMFFIObjectHandle handle :
       {TVMFFIObjectHandle{nullptr}, TVMFFIObjectHandle{no_function.handle()}}) {
    EXPECT_EQ(TVMFFIFunctionSetGlobal(&name, handle, 1), -1);
    TVMFFIErrorSetRaised(nullptr);
  }
  EXPECT_FALSE(GlobalFunction::Find("test.registry.type").has_value());
}

TEST(Registry, NamesListsWhatIsRegistered) {
  GlobalFunction::Register("test.registry.listed", Returning(1));
  GlobalFunction::Register("test.registry.gone", Returning(1));
  GlobalFunction::Remove("test.registry.gone");
  const std::vector<std::string> names = GlobalFunction::Names();
  EXPECT_EQ(std::ranges::count(names, "test.registry.listed"), 1);
  EXPECT_EQ(std::ranges::count(names, "test.registry.gone"), 0);
  EXPECT_EQ(std::ranges::count(names, "ffi.ModuleLoadFromFile"), 1);
  GlobalFunction::Remove("test.registry.listed");
}

TEST(Registry, NamesFunctorRefusesAnIndexBeyondTheEnd) {
  const Function names =
      GlobalFunction::Get("ffi.FunctionListGlobalNamesFunctor")().cast<Function>();
  const int64_t size = names(-1).cast<int64_t>();
  EXPECT_GT(size, 0);
  EXPECT_THROW(names(size), Error);
  EXPECT_THROW(names(-2), Error);
}

TEST(Registry, MethodInfoKeepsItsMetadata) {
  const Function function = Returning(1);
  TVMFFIMethodInfo info{};
  info.name = {"test.registry.method", 20};
  info.metadata = {"{}", 2};
  info.method.type_index = kTVMFFIFunction;
  info.method.v_obj = function.handle();
  EXPECT_EQ(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0), 0);
  const Function metadata = GlobalFunction::Get("ffi.GetGlobalFuncMetadata");
  EXPECT_EQ(metadata(String("test.registry.method")).cast<std::string>(), "{}");
  EXPECT_EQ(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0), -1);
  TVMFFIErrorSetRaised(nullptr);
  info.method.type_index = kTVMFFINone;
  EXPECT_EQ(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 1), -1);
  TVMFFIErrorSetRaised(nullptr);
  GlobalFunction::Remove("test.registry.method");
}

struct NamedEntry {
  std::string text;
  std::string_view name() const noexcept { return text; }
};

TEST(NameTable, FindsEveryEntryAfterItHasGrown) {
  static auto& table = *new runtime::NameTable<NamedEntry>();  // never destroyed
  EXPECT_EQ(table.Find("0"), nullptr);
  std::vector<std::unique_ptr<NamedEntry>> entries;
  entries.reserve(5000);
  for (int i = 0; i < 5000; ++i) {
    entries.emplace_back(table.Insert(std::make_unique<NamedEntry>(std::to_string(i))));
  }
  for (int i = 0; i < 5000; ++i) EXPECT_EQ(table.Find(std::to_string(i)), entries[i].get());
  EXPECT_EQ(table.Find("5000"), nullptr);
  int visited = 0;
  table.ForEach([&](const NamedEntry&) { ++visited; });
  EXPECT_EQ(visited, 5000);
}

}  // namespace
}  // namespace kiln
