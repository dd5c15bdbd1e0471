// Modules: one written here, seen through the virtual table and through the runtime's functions.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <kiln/module.h>

#include "tests/abi/cpp/counted.h"
#include "tests/abi/cpp/thrown.h"
#include "tvm/ffi/extra/c_env_api.h"

namespace kiln::testing {
namespace {

static_assert(sizeof(ModuleObj) == sizeof(void*) + sizeof(TVMFFIObject) + 2 * sizeof(void*));

// A module of one function `scale`, and all that a module can tell.
class ScaleModuleObj : public ModuleObj {
 public:
  ScaleModuleObj(Lives* lives, int64_t factor) : counted_(lives), factor_(factor) {}

  const char* kind() const override { return "scale"; }
  int GetPropertyMask() const override { return kModuleRunnable | kModuleBinarySerializable; }
  Optional<Function> GetFunction(const String& name) override {
    if (name == "fail") throw Error("ValueError", "asked for fail");
    if (name != "scale") return std::nullopt;
    return Function::FromTyped(
        [self = ObjectPtr<ScaleModuleObj>::Share(this)](int64_t x) { return x * self->factor_; });
  }
  Optional<String> GetFunctionDoc(const String& name) override {
    if (name == "scale") return String("Multiplies by the factor of its module.");
    return std::nullopt;
  }
  Optional<String> GetFunctionMetadata(const String& name) override {
    if (name == "scale") return String("{}");
    return std::nullopt;
  }
  Array<String> GetWriteFormats() const override { return {"scale", "a format of many letters"}; }
  Bytes SaveToBytes() const override { return Bytes(std::to_string(factor_)); }
  String InspectSource(const String& format) const override {
    if (format == "exports") return String("scale\nfail");
    return format.empty() ? String("x * factor") : String();
  }

 private:
  Counted counted_;
  int64_t factor_;
};

// A module that only does what it must.
class PlainModuleObj : public ModuleObj {
 public:
  const char* kind() const override { return "plain"; }
  Optional<Function> GetFunction(const String&) override { return std::nullopt; }
};

Module Scale(Lives* lives, int64_t factor = 3) {
  return Module(MakeObject<ScaleModuleObj>(lives, factor));
}
Module Plain() { return Module(MakeObject<PlainModuleObj>()); }

// The runtime's global function of that name.
Function Door(const char* name) { return GlobalFunction::Get(std::string("ffi.Module") + name); }

TEST(Module, FindsItsFunctions) {
  Lives lives;
  const Module module = Scale(&lives);
  EXPECT_EQ(module.type_index(), kTVMFFIModule);
  EXPECT_EQ(module.GetFunction("scale")(5).cast<int64_t>(), 15);
  EXPECT_FALSE(module.FindFunction("missing").has_value());
}

TEST(Module, AMissingFunctionIsAnErrorThatListsTheOthers) {
  Lives lives;
  const Error error = ThrownBy([&] { Scale(&lives).GetFunction("skale"); });
  EXPECT_EQ(error.kind(), "AttributeError");
  EXPECT_EQ(error.message(),
            "the module of kind 'scale' has no function 'skale'; it has: scale, fail");
  EXPECT_EQ(ThrownBy([] { Plain().GetFunction("f"); }).message(),
            "the module of kind 'plain' has no function 'f'");
}

TEST(Module, ANullOneHasNoFunctions) {
  EXPECT_EQ(ThrownBy([] { Module().GetFunction("f"); }).kind(), "TypeError");
}

TEST(Module, LivesAsLongAsItsFunctions) {
  Lives lives;
  {
    std::optional<Function> function;
    {
      const Module module = Scale(&lives);
      function = module.FindFunction("scale");
    }
    EXPECT_EQ(lives.alive(), 1);
    EXPECT_EQ((*function)(2).cast<int64_t>(), 6);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(Module, OutlivedByAWeakPointerIsDestroyedOnce) {
  Lives lives;
  auto strong = MakeObject<ScaleModuleObj>(&lives, 1);
  const WeakPtr<ScaleModuleObj> weak(strong);
  strong = nullptr;
  EXPECT_EQ(lives.destroyed, 1);
  EXPECT_FALSE(weak.lock());
}

TEST(Module, AnswersThroughTheRuntimesFunctions) {
  Lives lives;
  const Module module = Scale(&lives);
  EXPECT_EQ(Door("GetKind")(module).cast<String>(), "scale");
  EXPECT_EQ(Door("GetPropertyMask")(module).cast<int>(),
            kModuleRunnable | kModuleBinarySerializable);
  EXPECT_EQ(Door("GetFunction")(module, "scale", false).cast<Function>()(7).cast<int>(), 21);
  EXPECT_TRUE(Door("GetFunction")(module, "missing", false).is_none());
  EXPECT_TRUE(Door("ImplementsFunction")(module, "scale", false).cast<bool>());
  EXPECT_FALSE(Door("ImplementsFunction")(module, "missing", false).cast<bool>());
  EXPECT_EQ(Door("GetFunctionDoc")(module, "scale", false).cast<String>(),
            "Multiplies by the factor of its module.");
  EXPECT_TRUE(Door("GetFunctionDoc")(module, "missing", false).is_none());
  EXPECT_EQ(Door("GetFunctionMetadata")(module, "scale", false).cast<String>(), "{}");
  EXPECT_EQ(Door("InspectSource")(module, "").cast<String>(), "x * factor");
  const auto formats = Door("GetWriteFormats")(module).cast<Array<String>>();
  ASSERT_EQ(formats.size(), 2u);
  EXPECT_EQ(formats[1], "a format of many letters");
}

TEST(Module, LeavesNoReferenceBehindInTheRuntime) {
  Lives lives;
  {
    const Module module = Scale(&lives);
    Door("GetFunction")(module, "scale", true);
    Door("GetWriteFormats")(module);
    EXPECT_EQ(module.use_count(), 1u);
  }
  EXPECT_EQ(lives.alive(), 0);
}

TEST(Module, AnErrorOfAFunctionLookupReachesTheCaller) {
  Lives lives;
  const Module module = Scale(&lives);
  EXPECT_EQ(ThrownBy([&] { module.GetFunction("fail"); }).kind(), "ValueError");
  // A runtime of other headers does not know the class of the exception, only what it says.
  const Error error = ThrownBy([&] { Door("GetFunction")(module, "fail", false); });
  EXPECT_TRUE(Contains(error.message(), "asked for fail")) << error.what();
}

TEST(Module, RefusesWhatItDoesNotSupport) {
  const Module plain = Plain();
  const Error error = ThrownBy([&] { plain->SaveToBytes(); });
  EXPECT_EQ(error.kind(), "RuntimeError");
  EXPECT_EQ(error.message(), "a module of kind 'plain' does not support SaveToBytes");
  EXPECT_EQ(ThrownBy([&] { plain->WriteToFile("f", "o"); }).kind(), "RuntimeError");
  EXPECT_EQ(plain->GetPropertyMask(), 0);
  EXPECT_TRUE(plain->GetWriteFormats().empty());
  EXPECT_FALSE(plain->GetFunctionDoc("f").has_value());
  EXPECT_FALSE(plain->GetFunctionMetadata("f").has_value());
  EXPECT_EQ(plain->InspectSource(""), "");
  EXPECT_FALSE(plain->ImplementsFunction("f"));
}

TEST(ModuleImport, IsSearchedWhenAskedFor) {
  Lives lives;
  const Module root = Plain();
  const Module middle = Plain();
  Door("ImportModule")(root, middle);
  Door("ImportModule")(middle, Scale(&lives));
  EXPECT_TRUE(Door("GetFunction")(root, "scale", false).is_none());
  EXPECT_EQ(Door("GetFunction")(root, "scale", true).cast<Function>()(2).cast<int>(), 6);
  EXPECT_TRUE(Door("ImplementsFunction")(root, "scale", true).cast<bool>());
  EXPECT_EQ(root->imports().size(), 1u);
}

TEST(ModuleImport, IsKeptAliveUntilItIsCleared) {
  Lives lives;
  const Module root = Plain();
  root->ImportModule(Scale(&lives, 1));
  root->ImportModule(Scale(&lives, 2));
  EXPECT_EQ(lives.alive(), 2);
  EXPECT_EQ(root->imports().size(), 2u);
  Door("ClearImports")(root);
  EXPECT_EQ(lives.alive(), 0);
  EXPECT_TRUE(root->imports().empty());
}

TEST(ModuleImport, OfACircleIsRefused) {
  const Module a = Plain();
  const Module b = Plain();
  a->ImportModule(b);
  const Error error = ThrownBy([&] { b->ImportModule(a); });
  EXPECT_EQ(error.kind(), "RuntimeError");
  EXPECT_TRUE(Contains(error.message(), "circle")) << error.message();
  EXPECT_EQ(ThrownBy([&] { a->ImportModule(a); }).kind(), "RuntimeError");
  EXPECT_EQ(ThrownBy([&] { a->ImportModule(Module()); }).kind(), "TypeError");
  EXPECT_EQ(a->imports().size(), 1u);
  EXPECT_TRUE(b->imports().empty());
}

TEST(LibraryModule, IsLoadedFromItsFile) {
  const Module module = Module::LoadFromFile(KILN_TEST_LIBRARY);
  EXPECT_EQ(std::string_view(module->kind()), "library");
  const Function add = module.GetFunction("add");
  EXPECT_EQ(add(40, 2).cast<int>(), 42);
  EXPECT_EQ(ThrownBy([&] { add(1, "2"); }).message(), "add takes two ints");
  EXPECT_FALSE(module.FindFunction("subtract").has_value());
}

TEST(LibraryModule, ItsFunctionsWorkAfterItsHandleIsGone) {
  const Function add = Module::LoadFromFile(KILN_TEST_LIBRARY).GetFunction("add");
  EXPECT_EQ(add(1, 2).cast<int>(), 3);
}

TEST(LibraryModule, ImportsAndIsImported) {
  Lives lives;
  const Module library = Module::LoadFromFile(KILN_TEST_LIBRARY);
  const Module plain = Plain();
  plain->ImportModule(library);
  library->ImportModule(Scale(&lives));
  EXPECT_EQ(Door("GetFunction")(plain, "add", true).cast<Function>()(1, 1).cast<int>(), 2);
  EXPECT_EQ(Door("GetFunction")(plain, "scale", true).cast<Function>()(1).cast<int>(), 3);
  library->ClearImports();
  EXPECT_EQ(lives.alive(), 0);
}

TEST(LibraryModule, AMissingFileIsAnErrorThatNamesIt) {
  const Error error = ThrownBy([] { Module::LoadFromFile("/nowhere/kernels.so"); });
  EXPECT_TRUE(Contains(error.message(), "/nowhere/kernels.so")) << error.what();
  EXPECT_TRUE(
      Contains(ThrownBy([] { Module::LoadFromFile("kernels.unknown"); }).message(), "unknown"));
}

// Kernels pass on what lies in __tvm_ffi__library_ctx: the address of the module, not its handle.
TEST(ModuleImport, IsWhatKernelsLookFunctionsUpIn) {
  Lives lives;
  {
    const Module root = Plain();
    root->ImportModule(Scale(&lives));
    // Twice: the second answer comes from the cache that the runtime keeps in the module.
    for (int i = 0; i < 2; ++i) {
      TVMFFIObjectHandle handle = nullptr;
      const int code = TVMFFIEnvModLookupFromImports(root.get(), "scale", &handle);
      const Error error = ThrownBy([&] { CheckCall(code); });
      ASSERT_EQ(code, 0) << error.what();
      const Function function(ObjectPtr<FunctionObj>::ShareHandle(handle));
      EXPECT_EQ(function(4).cast<int>(), 12);
    }
    TVMFFIObjectHandle handle = nullptr;
    EXPECT_EQ(TVMFFIEnvModLookupFromImports(root.get(), "missing", &handle), -1);
    EXPECT_TRUE(Contains(ThrownBy([] { CheckCall(-1); }).message(), "missing"));
    root->ClearImports();
    EXPECT_EQ(TVMFFIEnvModLookupFromImports(root.get(), "scale", &handle), -1);
    EXPECT_TRUE(Contains(ThrownBy([] { CheckCall(-1); }).message(), "scale"));
  }
  EXPECT_EQ(lives.alive(), 0);
}

}  // namespace
}  // namespace kiln::testing
