// Objects and archives that gcc and Clang made, linked into the process and run.
#include <cmath>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tvm/ffi/c_api.h>

#include "tests/jit/link/load.h"
#include "tests/jit/objects/objects.h"

extern "C" {
// In the program itself, and so too far from JIT code for a short relocation.
__attribute__((visibility("default"))) int kiln_far_variable = 31;
}

namespace kiln::jit {
namespace {

using kiln::testing::ObjectBytes;

Artifact ReadAs(Language language, const std::string& name, std::string bytes) {
  static const std::unique_ptr<Compiler> kCompiler = MakeObjectCompiler();
  return CompileWith(*kCompiler, {language, name, std::move(bytes)}, {});
}

Artifact Object(const std::string& file) {
  return ReadAs(Language::kObject, file, ObjectBytes(file));
}

std::shared_ptr<LoadedImage> LoadObject(const std::string& file) {
  return TestLinker().Link(Object(file));
}

std::shared_ptr<LoadedImage> LoadParts(std::vector<Artifact> parts) {
  KeepNeededMembers(&parts);
  return TestLinker().Link(Combine(std::move(parts)));
}

// Calls a packed function with integers. The code that it returns is the result's type_index where
// it fails.
TVMFFIAny Call(const LoadedImage& image, const std::string& name,
               const std::vector<int64_t>& values = {}) {
  std::vector<TVMFFIAny> arguments(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    arguments[i].type_index = kTVMFFIInt;
    arguments[i].v_int64 = values[i];
  }
  TVMFFIAny result{};
  const auto function =
      FunctionOf<int(void*, const TVMFFIAny*, int32_t, TVMFFIAny*)>(image, "__tvm_ffi_" + name);
  const int code =
      function(nullptr, arguments.data(), static_cast<int32_t>(values.size()), &result);
  if (code != 0) result.type_index = code;
  return result;
}

std::string TakeRaised() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  return std::string(kiln::Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).message());
}

class ReadyKernel : public ::testing::TestWithParam<std::string> {};

TEST_P(ReadyKernel, RunsItsConstructorsAndCallsFarFunctions) {
  const auto image = LoadObject("kernel.c." + GetParam() + ".o");
  EXPECT_EQ(Call(*image, "constructed", {1, 1}).v_int64, 42);
  EXPECT_EQ(Call(*image, "length", {2}).v_float64, std::sin(0.5) + 5);
  EXPECT_EQ(Call(*image, "length").type_index, -1);
  EXPECT_EQ(TakeRaised(), "length takes one argument");
}

INSTANTIATE_TEST_SUITE_P(Compilers, ReadyKernel,
                         ::testing::Values("gcc.pic", "gcc.plain", "clang.pic", "clang.plain"));

class ReadyClasses : public ::testing::TestWithParam<std::string> {};

TEST_P(ReadyClasses, HaveVirtualFunctionsExceptionsAndStatics) {
  const auto image = LoadObject("classes.cc." + GetParam() + ".o");
  EXPECT_EQ(Call(*image, "area", {3}).v_int64, 11);
  EXPECT_EQ(Call(*image, "area", {-3}).type_index, -1);
  EXPECT_EQ(TakeRaised(), "side -3");
  EXPECT_EQ(Call(*image, "calls").v_int64, 2);
}

INSTANTIATE_TEST_SUITE_P(Compilers, ReadyClasses,
                         ::testing::Values("gcc.pic", "gcc.debug", "clang.pic", "clang.debug"));

TEST(ReadyObjects, OfBothCompilersAndCompiledSourcesBecomeOneImage) {
  const auto image = LoadParts(
      {CompileC("int average(const int*, int); int f(void) { int v[] = {2, 4, 9};\n"
                "  return average(v, 3); }"),
       Object("average.c.gcc.pic.o"), Object("sum.c.clang.pic.o"), Object("classes.cc.gcc.pic.o")});
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), 5);
  EXPECT_EQ(Call(*image, "area", {3}).v_int64, 11);
  EXPECT_EQ(image->exports(), (std::vector<std::string>{"area", "average", "calls"}));
}

TEST(ReadyObjects, CommonVariablesOfSeveralAreOne) {
  const auto image =
      LoadParts({Object("tentative.c.gcc.pic.o"),
                 CompileC("extern int tentative[3]; int* second(void) { return tentative + 1; }")});
  EXPECT_EQ(FunctionOf<int*()>(*image, "second")() - FunctionOf<int*()>(*image, "first")(), 1);
  EXPECT_EQ(*FunctionOf<int*()>(*LoadObject("tentative.c.clang.pic.o"), "first")(), 0);
}

TEST(ReadyObjects, AnArchiveGivesWhatIsNeeded) {
  const auto image = LoadParts({ReadAs(Language::kArchive, "libmath.a", ObjectBytes("libmath.a"))});
  EXPECT_EQ(image->exports(), std::vector<std::string>{"average"});
  EXPECT_EQ(Call(*image, "average", {4, 8}).v_int64, 6);
  EXPECT_NE(image->Find("sum"), nullptr);
  EXPECT_EQ(image->Find("unused"), nullptr);
}

TEST(ReadyObjects, AMissingSymbolOfAMemberIsNamedWithItsSource) {
  const Thrown thrown = ThrownBy([] {
    LoadParts({CompileC("int unused(void); int f(void) { return unused(); }"),
               ReadAs(Language::kArchive, "libmath.a", ObjectBytes("libmath.a"))});
  });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_TRUE(Contains(thrown.message, "\n  not_defined_anywhere, for unused of 'unused.c'"))
      << thrown.message;
}

TEST(ReadyObjects, DataThatIsTakenToBeNearAndIsFarIsALinkErrorThatSaysWhatToDo) {
  const Thrown thrown = ThrownBy([] { LoadObject("far_data.c.gcc.plain.o"); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_TRUE(Contains(thrown.message, "kiln_far_variable")) << thrown.message;
  EXPECT_TRUE(Contains(thrown.message, "compile the code with -fPIC")) << thrown.message;
}

TEST(ReadyObjects, AbsoluteAddressesAreALinkErrorThatSaysWhatToDo) {
  const Thrown thrown = ThrownBy([] { LoadObject("kernel.c.gcc.absolute.o"); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_TRUE(Contains(thrown.message, "compile the code with -fPIC")) << thrown.message;
}

TEST(ReadyObjects, ThreadLocalVariablesOfElfAreALinkErrorThatNamesThem) {
  for (const char* file : {"thread_local.c.gcc.pic.o", "thread_local.c.clang.pic.o"}) {
    const Thrown thrown = ThrownBy([&] { LoadObject(file); });
    EXPECT_EQ(thrown.kind, "LinkError");
    EXPECT_TRUE(Contains(thrown.message, "'per_thread'")) << thrown.message;
    EXPECT_TRUE(Contains(thrown.message, "-femulated-tls")) << thrown.message;
  }
}

TEST(ReadyObjects, FunctionsThatALoaderChoosesAreALinkErrorThatNamesThem) {
  const Thrown thrown = ThrownBy([] { LoadObject("clones.c.gcc.pic.o"); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_TRUE(Contains(thrown.message, "'cloned'")) << thrown.message;
  EXPECT_TRUE(Contains(thrown.message, "without target_clones")) << thrown.message;
}

TEST(ReadyObjects, TheirExceptionsAndTemplatesWork) {
  for (const char* file : {"templates.cc.gcc.pic.o", "templates.cc.clang.pic.o"}) {
    const auto image = LoadObject(file);
    EXPECT_EQ(FunctionOf<int(int)>(*image, "twice")(5), 20);
    EXPECT_EQ(FunctionOf<int(int)>(*image, "twice")(5), 22);
    EXPECT_EQ(FunctionOf<int(int)>(*image, "twice")(-5), 7);
  }
}

// What is changed may make the object useless, but must not take the process down. Nothing in these
// objects runs by itself.
TEST(ReadyObjects, WithRandomChangesLinkOrAreRefused) {
  for (const char* file : {"templates.cc.gcc.pic.o", "average.c.clang.pic.o"}) {
    const std::string whole = ObjectBytes(file);
    uint32_t state = 1;
    const auto random = [&state](size_t bound) {
      state = state * 1664525u + 1013904223u;
      return static_cast<size_t>(state >> 8) % bound;
    };
    int linked = 0;
    for (int i = 0; i < 500; ++i) {
      std::string object = whole;
      for (int change = 0; change < 4; ++change) {
        object[random(object.size())] = static_cast<char>(random(256));
      }
      const Thrown thrown = ThrownBy([&] {
        Artifact artifact = ReadAs(Language::kObject, file, object);
        artifact.objects.push_back(ObjectBytes("sum.c.gcc.pic.o"));
        TestLinker().Link(artifact);
      });
      if (thrown.kind.empty()) {
        ++linked;
      } else {
        EXPECT_TRUE(thrown.kind == "CompileError" || thrown.kind == "LinkError") << thrown.message;
      }
    }
    EXPECT_GT(linked, 0) << file;
  }
}

}  // namespace
}  // namespace kiln::jit
