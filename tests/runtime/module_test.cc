#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/module.h>
#include <tvm/ffi/extra/c_env_api.h>

// Null in a program that is not sanitized.
extern "C" __attribute__((weak)) size_t __sanitizer_get_current_allocated_bytes();

namespace kiln {
namespace {

namespace fs = std::filesystem;

const std::string kLibrary = KILN_TEST_LIBRARY;
const std::string kIncompleteLibrary = KILN_TEST_INCOMPLETE_LIBRARY;

// Bytes that the program has allocated and not freed.
size_t HeapBytes() {
  return __sanitizer_get_current_allocated_bytes != nullptr
             ? __sanitizer_get_current_allocated_bytes()
             : mallinfo2().uordblks;
}

std::string LoadError(const std::string& path) {
  try {
    Module::LoadFromFile(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "RuntimeError");
    return std::string(error.message());
  }
  return "";
}

TEST(LibraryModule, FunctionIsFoundAndCalled) {
  const Module module = Module::LoadFromFile(kLibrary);
  EXPECT_EQ(module.GetFunction("add")(40, 2).cast<int64_t>(), 42);
  EXPECT_STREQ(module.get()->kind(), "library");
}

TEST(LibraryModule, EntryPointIsTheSymbolItself) {
  const Module module = Module::LoadFromFile(kLibrary);
  const Function add = module.GetFunction("add");
  EXPECT_EQ(add.get()->safe_call, module.GetFunction("add").get()->safe_call);
}

TEST(LibraryModule, FunctionIsOneObjectThatOutlivesTheModuleVariable) {
  Module module = Module::LoadFromFile(kLibrary);
  Function add = module.GetFunction("add");
  EXPECT_EQ(module.use_count(), 2u);
  module = Module();
  EXPECT_EQ(add(40, 2).cast<int64_t>(), 42);
  EXPECT_EQ(add.use_count(), 1u);
}

TEST(LibraryModule, RepeatedLookupGivesTheSameEntryPoint) {
  const Module module = Module::LoadFromFile(kLibrary);
  const std::vector<std::string> names{"add", "count_unloads", "library_context", "context_symbol"};
  std::vector<TVMFFISafeCallType> first;
  for (const std::string& name : names) {
    first.push_back(module.GetFunction(name).get()->safe_call);
  }
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(module.GetFunction(names[i]).get()->safe_call, first[i]) << names[i];
    EXPECT_TRUE(module.get()->ImplementsFunction(names[i])) << names[i];
  }
}

// Each lookup that misses must give back what it takes.
TEST(LibraryModule, AskingForAbsentNamesTakesNoMemory) {
  const Module module = Module::LoadFromFile(kLibrary);
  const auto ask = [&](int i) {
    EXPECT_FALSE(module.FindFunction("an_absent_function_" + std::to_string(i)).has_value());
  };
  ask(0);
  const size_t before = HeapBytes();
  for (int i = 1; i <= 10000; ++i) ask(i);
  EXPECT_LT(HeapBytes(), before + 10000);
}

TEST(LibraryModule, ErrorOfAFunctionReachesTheCaller) {
  const Function add = Module::LoadFromFile(kLibrary).GetFunction("add");
  try {
    add("one", "two");
    FAIL() << "add takes integers";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "TypeError");
    EXPECT_EQ(error.message(), "add takes two integers");
  }
}

TEST(LibraryModule, MissingFunctionIsAbsent) {
  const Module module = Module::LoadFromFile(kLibrary);
  for (const std::string& name : {std::string("subtract"), std::string(), std::string("add\0", 4),
                                  std::string("__tvm_ffi_add")}) {
    EXPECT_FALSE(module.FindFunction(name).has_value()) << name;
    EXPECT_FALSE(module.get()->ImplementsFunction(name)) << name;
  }
  EXPECT_TRUE(module.get()->ImplementsFunction("add"));
}

TEST(LibraryModule, VariableIsNoFunction) {
  EXPECT_FALSE(Module::LoadFromFile(kLibrary).FindFunction("_library_ctx").has_value());
}

TEST(LibraryModule, LibraryIsClosedAfterItsLastFunction) {
  int unloads = 0;
  {
    Function add;
    {
      const Module module = Module::LoadFromFile(kLibrary);
      module.GetFunction("count_unloads")(static_cast<void*>(&unloads));
      add = module.GetFunction("add");
    }
    EXPECT_EQ(unloads, 0);
    EXPECT_EQ(add(1, 2).cast<int64_t>(), 3);
  }
  EXPECT_EQ(unloads, 1);
}

TEST(LibraryModule, LibraryContextIsTheModule) {
  const Module module = Module::LoadFromFile(kLibrary);
  EXPECT_EQ(module.GetFunction("library_context")().cast<void*>(), module.get());
}

TEST(LibraryModule, ContextSymbolIsSetAtLoad) {
  int value = 0;
  ASSERT_EQ(TVMFFIEnvModRegisterContextSymbol("__kiln_test_context_symbol", &value), 0);
  const Module module = Module::LoadFromFile(kLibrary);
  EXPECT_EQ(module.GetFunction("context_symbol")().cast<void*>(), &value);
  TVMFFIEnvModRegisterContextSymbol("__kiln_test_context_symbol", nullptr);
}

TEST(LibraryModule, MissingSymbolIsAnErrorAtLoadThatNamesIt) {
  const std::string message = LoadError(kIncompleteLibrary);
  EXPECT_NE(message.find("kiln_test_missing_symbol"), std::string::npos) << message;
}

TEST(LibraryModule, FileThatCannotBeLoadedIsNamed) {
  EXPECT_NE(LoadError("/nowhere/kernels.so").find("/nowhere/kernels.so"), std::string::npos);
  const fs::path file =
      fs::temp_directory_path() / ("kiln_garbage_" + std::to_string(getpid()) + ".so");
  std::ofstream(file) << "no shared library";
  EXPECT_NE(LoadError(file.string()).find(file.string()), std::string::npos);
  fs::remove(file);
}

TEST(LibraryModule, FileOfTheWorkingDirectoryIsFoundByItsName) {
  const fs::path before = fs::current_path();
  fs::current_path(fs::path(kLibrary).parent_path());
  EXPECT_NO_THROW(Module::LoadFromFile(fs::path(kLibrary).filename().string()));
  fs::current_path(before);
}

TEST(ModuleFunctions, SuffixChoosesTheLoader) {
  GlobalFunction::RegisterTyped("ffi.Module.load_from_file.kilntest",
                                [](const String& file_name, const String& format) {
                                  EXPECT_EQ(file_name, "some.dir/a.b.kilntest");
                                  EXPECT_EQ(format, "kilntest");
                                  return Module::LoadFromFile(kLibrary);
                                });
  EXPECT_NO_THROW(Module::LoadFromFile("some.dir/a.b.kilntest"));
  GlobalFunction::Remove("ffi.Module.load_from_file.kilntest");
  EXPECT_NE(LoadError("a.kilntest").find("ffi.Module.load_from_file.kilntest"), std::string::npos);
  for (const char* path : {"plain", "", "dir.d/plain", "ends.with."}) {
    EXPECT_NE(LoadError(path).find("no suffix"), std::string::npos) << path;
  }
  for (const char* path : {"/nowhere/a.dll", "/nowhere/a.dylib", "/nowhere/a.dso"}) {
    EXPECT_NE(LoadError(path).find("can't be loaded"), std::string::npos) << path;
  }
}

// A module that knows one function.
class OneFunctionModule : public ModuleObj {
 public:
  explicit OneFunctionModule(std::string name) : name_(std::move(name)) {}

  const char* kind() const override { return "one_function"; }
  Optional<Function> GetFunction(const String& name) override {
    if (!(name == name_)) return std::nullopt;
    return Function::FromTyped([text = name_] { return String(text); });
  }
  Array<String> GetWriteFormats() const override { return {String("txt")}; }
  String InspectSource(const String& format) const override { return "source in " + format.str(); }

 private:
  std::string name_;
};

template <typename... Args>
Any CallGlobal(const char* name, const Args&... args) {
  return GlobalFunction::Get(name)(args...);
}

TEST(ModuleFunctions, AnswerForTheModule) {
  const Module module(MakeObject<OneFunctionModule>("f"));
  EXPECT_EQ(CallGlobal("ffi.ModuleGetKind", module).cast<std::string>(), "one_function");
  EXPECT_EQ(CallGlobal("ffi.ModuleGetPropertyMask", module).cast<int>(), 0);
  EXPECT_EQ(CallGlobal("ffi.ModuleInspectSource", module, "c").cast<std::string>(), "source in c");
  EXPECT_TRUE(CallGlobal("ffi.ModuleImplementsFunction", module, "f", false).cast<bool>());
  EXPECT_FALSE(CallGlobal("ffi.ModuleImplementsFunction", module, "g", true).cast<bool>());
  const Any function = CallGlobal("ffi.ModuleGetFunction", module, "f", true);
  EXPECT_EQ(function.cast<Function>()().cast<std::string>(), "f");
  EXPECT_TRUE(CallGlobal("ffi.ModuleGetFunction", module, "g", true).is_none());
  EXPECT_TRUE(CallGlobal("ffi.ModuleGetFunctionDoc", module, "f", false).is_none());
  EXPECT_THROW(CallGlobal("ffi.ModuleWriteToFile", module, "a.txt", "txt"), Error);
  EXPECT_EQ(CallGlobal("ffi.ModuleGetWriteFormats", module).type_index(), kTVMFFIArray);
}

TEST(ModuleFunctions, DocAndMetadataComeFromTheLibrary) {
  const Module module = Module::LoadFromFile(kLibrary);
  EXPECT_EQ(CallGlobal("ffi.ModuleGetFunctionDoc", module, "add", false).cast<std::string>(),
            "Adds two integers.");
  EXPECT_EQ(CallGlobal("ffi.ModuleGetFunctionMetadata", module, "add", false).cast<std::string>(),
            "{\"type_schema\":\"\"}");
  EXPECT_TRUE(CallGlobal("ffi.ModuleGetFunctionDoc", module, "context_symbol", false).is_none());
}

TEST(ModuleFunctions, NoModuleIsATypeError) {
  for (const char* name : {"ffi.ModuleGetKind", "ffi.ModuleGetPropertyMask",
                           "ffi.ModuleGetWriteFormats", "ffi.ModuleClearImports"}) {
    EXPECT_THROW(CallGlobal(name, nullptr), Error) << name;
    EXPECT_THROW(CallGlobal(name, 1), Error) << name;
  }
  EXPECT_THROW(CallGlobal("ffi.ModuleGetFunction", nullptr, "f", true), Error);
}

}  // namespace
}  // namespace kiln
