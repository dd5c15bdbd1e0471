// Code that uses what is outside it: other modules, given addresses, shared libraries.
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/objects/objects.h"

namespace kiln::testing {
namespace {

constexpr const char* kPacked = R"(
#include <tvm/ffi/c_api.h>
#define PACKED(name, value)                                                                   \
  int __tvm_ffi_##name(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {     \
    result->type_index = kTVMFFIInt;                                                          \
    result->v_int64 = (value);                                                                \
    return 0;                                                                                 \
  }
)";

Module Compile(const std::string& name, const std::string& text,
               std::vector<std::pair<std::string, Any>> more = {}) {
  return jit::Compile(kPacked + text, {.name = name, .more = std::move(more)});
}

Error ErrorOf(const std::string& text, std::vector<std::pair<std::string, Any>> more) {
  try {
    Compile("k.c", text, std::move(more));
  } catch (const Error& error) {
    return error;
  }
  return Error("none", "no error was thrown");
}

int64_t Call(const Module& module, const char* name) {
  return module.GetFunction(name)().cast<int64_t>();
}

TEST(LinkedModules, CodeCallsAnotherModuleBySymbol) {
  const Module base = Compile("base.c", "int counter = 40; int next(void) { return ++counter; }");
  const Module user = Compile("user.c", "int next(void); PACKED(get, next())", {{"link", base}});
  EXPECT_EQ(Call(user, "get"), 41);
  EXPECT_EQ(Call(user, "get"), 42);
}

TEST(LinkedModules, SeveralAreSearchedInOrder) {
  const Module one = Compile("one.c", "int a(void) { return 1; } int b(void) { return 10; }");
  const Module two = Compile("two.c", "int b(void) { return 20; } int c(void) { return 300; }");
  const Module user =
      Compile("user.c", "int a(void), b(void), c(void); PACKED(get, a() + b() + c())",
              {{"link", Array<Module>{one, two}}});
  EXPECT_EQ(Call(user, "get"), 311);
}

TEST(LinkedModules, AFunctionKeepsTheCodeThatItNeedsAlive) {
  std::optional<Function> get;
  {
    const Module base = Compile("base.c", "int value(void) { return 5; }");
    const Module middle = Compile(
        "middle.c", "int value(void); int twice(void) { return 2 * value(); }", {{"link", base}});
    const Module user =
        Compile("user.c", "int twice(void); PACKED(get, twice())", {{"link", middle}});
    get = user.GetFunction("get");
  }
  EXPECT_EQ((*get)().cast<int64_t>(), 10);
}

TEST(LinkedModules, OtherKindsOfModulesAndOtherValuesAreRefused) {
  const Error number = ErrorOf("", {{"link", 3}});
  EXPECT_EQ(number.kind(), "TypeError");
  EXPECT_EQ(number.message(), "option link takes a Module or an array of Modules, got int");
  const Error element = ErrorOf("", {{"link", Array<Any>{Any("base")}}});
  EXPECT_EQ(element.kind(), "TypeError");
  EXPECT_EQ(element.message(), "option link takes a Module or an array of Modules, got ffi.String");
  const Module system = GlobalFunction::Get("ffi.SystemLib")().cast<Module>();
  const Error library = ErrorOf("", {{"link", system}});
  EXPECT_EQ(library.kind(), "TypeError");
  EXPECT_EQ(library.message(),
            "a module can be linked with those that kiln.jit made, got a module of kind 'library'");
}

int Given() { return 77; }

TEST(LinkedModules, SymbolsAreGivenAsAddresses) {
  const Map<String, Any> symbols = {{"given", Any(reinterpret_cast<void*>(&Given))}};
  EXPECT_EQ(
      Call(Compile("k.c", "int given(void); PACKED(get, given())", {{"symbols", symbols}}), "get"),
      77);
}

TEST(LinkedModules, LibrariesAreFoundByNameAndGoWithTheArtifact) {
  const Module module = Compile("k.c", "const char* zlibVersion(void); PACKED(get, *zlibVersion())",
                                {{"libraries", "libz.so.1"}});
  EXPECT_EQ(Call(module, "get"), '1');
  const Module loaded =
      GlobalFunction::Get("ffi.Module.load_from_bytes.kiln_jit")(module->SaveToBytes())
          .cast<Module>();
  EXPECT_EQ(Call(loaded, "get"), '1');
}

TEST(LinkedModules, AMissingLibraryIsALinkError) {
  const Error error = ErrorOf("", {{"libraries", "libkiln_absent.so"}});
  EXPECT_EQ(error.kind(), "LinkError");
  EXPECT_NE(error.message().find("libkiln_absent.so: cannot open shared object file"),
            std::string_view::npos)
      << error.what();
}

TEST(LinkedModules, SourcesOfSeveralLanguagesBecomeOneModule) {
  jit::Version();
  const Map<String, Any> sources = {
      {"a.c", Any(std::string(kPacked) + "int cxx(int); PACKED(get, cxx(1))")},
      {"b.cc",
       Any("#include <string>\nextern \"C\" int ir(int);\n"
           "extern \"C\" int cxx(int x) { return std::stoi(std::string(\"4\")) + ir(x); }")},
      {"c.ll", Any("define i32 @ir(i32 %x) { %y = add i32 %x, 100 ret i32 %y }")}};
  const Module module = GlobalFunction::Get("kiln.jit.compile")(sources).cast<Module>();
  EXPECT_EQ(Call(module, "get"), 105);
}

TEST(LinkedModules, ObjectsAndArchivesAreSourcesLikeOthers) {
  jit::Version();
  const Map<String, Any> sources = {
      {"use.c", Any(std::string(kPacked) + "int sum(const int*, int);\n"
                                           "static const int values[] = {1, 2, 4};\n"
                                           "PACKED(get, sum(values, 3))")},
      {"libmath.a", Any(Bytes(std::string_view(ObjectBytes("libmath.a"))))},
      {"classes.o", Any(Bytes(std::string_view(ObjectBytes("classes.cc.gcc.pic.o"))))}};
  const Module module = GlobalFunction::Get("kiln.jit.compile")(sources).cast<Module>();
  EXPECT_EQ(Call(module, "get"), 7);
  EXPECT_EQ(module.GetFunction("average")(4, 8).cast<int64_t>(), 6);
  EXPECT_EQ(module.GetFunction("area")(3).cast<int64_t>(), 11);
  EXPECT_EQ(
      jit::Compile(ObjectBytes("classes.cc.gcc.pic.o")).GetFunction("area")(1).cast<int64_t>(), 3);
}

}  // namespace
}  // namespace kiln::testing
