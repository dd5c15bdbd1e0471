#include "jit/link/linker.h"

#include <cmath>
#include <thread>

#include <gtest/gtest.h>

#include "tests/jit/link/load.h"

// In the program itself, far from where code is put.
extern "C" {
__attribute__((visibility("default"))) int kiln_test_counter = 0;
__attribute__((visibility("default"))) int kiln_test_twice(int x) { return 2 * x; }
}

namespace kiln::jit {
namespace {

TEST(Linker, RunsWhatWasCompiled) {
  for (const int level : {0, 1, 2, 3}) {
    const auto image = LoadC("int f(int x) { return x * 3; }", AtLevel(level));
    EXPECT_EQ(FunctionOf<int(int)>(*image, "f")(14), 42);
  }
}

TEST(Linker, RunsTextIrAtEveryLevel) {
  for (const int level : {0, 1, 2, 3}) {
    const auto image =
        LoadIr("define i32 @f(i32 %x) { %y = mul i32 %x, 3 ret i32 %y }", AtLevel(level));
    EXPECT_EQ(FunctionOf<int(int)>(*image, "f")(14), 42);
  }
}

TEST(Linker, ImageKnowsItsNameAndExports) {
  const auto image =
      LoadC("int __tvm_ffi_a(void) { return 1; } int __tvm_ffi_b(void) { return 2; }");
  EXPECT_EQ(image->name(), "k.c");
  EXPECT_EQ(image->exports(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(FunctionOf<int()>(*image, "__tvm_ffi_b")(), 2);
}

TEST(Linker, FindsGlobalSymbolsAndNoOthers) {
  const auto image = LoadC("int g = 7; static int s = 8; int f(void) { return s; }");
  EXPECT_EQ(*static_cast<int*>(image->Find("g")), 7);
  EXPECT_EQ(image->Find("s"), nullptr);
  EXPECT_EQ(image->Find("absent"), nullptr);
  EXPECT_EQ(image->Find(""), nullptr);
}

TEST(Linker, LinksAnArtifactThatWasStored) {
  const std::string file = Serialize(CompileC("int f(void) { return 5; }"));
  const auto image = TestLinker().Link(ParseArtifact(file, "file"));
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), 5);
}

TEST(Linker, LinksAnObjectThatDefinesNothing) {
  EXPECT_EQ(LoadC("typedef int nothing;")->Find("f"), nullptr);
}

TEST(Linker, CodeReachesFunctionsAndVariablesOfTheProcess) {
  const auto image = LoadC(
      "#include <math.h>\n#include <string.h>\n"
      "extern int kiln_test_counter;\n"
      "int kiln_test_twice(int);\n"
      "float f(float x) { return sinf(x); }\n"
      "int g(int x) { kiln_test_counter += 1; return kiln_test_twice(x); }\n"
      "unsigned long h(const char* s) { return strlen(s); }\n");
  kiln_test_counter = 0;
  EXPECT_EQ(FunctionOf<float(float)>(*image, "f")(0.5f), std::sin(0.5f));
  EXPECT_EQ(FunctionOf<int(int)>(*image, "g")(4), 8);
  EXPECT_EQ(kiln_test_counter, 1);
  EXPECT_EQ(FunctionOf<size_t(const char*)>(*image, "h")("four"), 4u);
}

TEST(Linker, IrThatTakesTheProcessToBeNearStillReachesIt) {
  const auto image = LoadIr(
      "@kiln_test_counter = external dso_local global i32\n"
      "declare dso_local i32 @kiln_test_twice(i32)\n"
      "define i32 @f(i32 %x) {\n"
      "  store i32 11, ptr @kiln_test_counter\n"
      "  %y = call i32 @kiln_test_twice(i32 %x)\n"
      "  ret i32 %y\n"
      "}\n");
  EXPECT_EQ(FunctionOf<int(int)>(*image, "f")(5), 10);
  EXPECT_EQ(kiln_test_counter, 11);
}

TEST(Linker, NamesEveryMissingSymbolAndTheNearestKnownOne) {
  const Thrown thrown = ThrownBy([] {
    LoadC(
        "int absent_b(void); extern int absent_a;\n"
        "void TVMFFIErrorSetRaisedFromCStrr(const char*, const char*);\n"
        "int f(void) { TVMFFIErrorSetRaisedFromCStrr(\"\", \"\"); return absent_b() + absent_a; "
        "}\n");
  });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message,
            "'k.c' needs 3 symbols that neither it nor this process defines:\n"
            "  TVMFFIErrorSetRaisedFromCStrr, for f; did you mean 'TVMFFIErrorSetRaisedFromCStr'?\n"
            "  absent_a, for f\n"
            "  absent_b, for f");
  EXPECT_EQ(FunctionOf<int()>(*LoadC("int f(void) { return 1; }"), "f")(), 1);
}

TEST(Linker, AWeakSymbolThatNoOneHasIsNull) {
  const auto image = LoadC(
      "int absent(void) __attribute__((weak));\n"
      "int f(void) { return absent ? absent() : -1; }\n");
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), -1);
}

TEST(Linker, ImagesDoNotShareNames) {
  const auto one = LoadC("int v = 1; int f(void) { return v; }");
  const auto two = LoadC("int v = 2; int f(void) { return v; }");
  EXPECT_EQ(FunctionOf<int()>(*one, "f")(), 1);
  EXPECT_EQ(FunctionOf<int()>(*two, "f")(), 2);
}

TEST(Linker, RefusesADamagedObject) {
  Artifact artifact = CompileC("int f(void) { return 1; }");
  artifact.objects[0].resize(artifact.objects[0].size() / 2);
  EXPECT_EQ(ThrownBy([&] { TestLinker().Link(artifact); }).kind, "LinkError");
  artifact.objects[0] = "not an object";
  const Thrown thrown = ThrownBy([&] { TestLinker().Link(artifact); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_TRUE(thrown.message.starts_with("the object of 'k.c' can't be linked: "))
      << thrown.message;
  artifact.objects[0].clear();
  EXPECT_EQ(ThrownBy([&] { TestLinker().Link(artifact); }).kind, "LinkError");
}

TEST(Linker, SaysWhyARelocationFails) {
  const Thrown thrown = ThrownBy([] {
    LoadC(
        "extern __attribute__((visibility(\"hidden\"))) int kiln_test_counter;\n"
        "int f(void) { return kiln_test_counter; }\n");
  });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_TRUE(thrown.message.starts_with("cannot link 'k.c': ")) << thrown.message;
  EXPECT_TRUE(Contains(thrown.message, "out of range")) << thrown.message;
  EXPECT_TRUE(Contains(thrown.message, "compile the code with -fPIC")) << thrown.message;
}

TEST(Linker, RefusesCodeForACpuThatThisMachineIsNot) {
  Artifact artifact = CompileC("int f(void) { return 1; }");
  artifact.cpu = "next";
  artifact.features = "+sse2,+avx1024,-avx2048";
  const Thrown thrown = ThrownBy([&] { TestLinker().Link(artifact); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message,
            "'k.c' was compiled for cpu 'next' and needs CPU features that this machine lacks: "
            "avx1024; compile it with cpu 'native' here, or with 'x86-64'");
}

TEST(Linker, AnImageKeepsItsLinkerAlive) {
  std::shared_ptr<Linker> linker = Linker::Create();
  const std::weak_ptr<Linker> watch = linker;
  std::shared_ptr<LoadedImage> image = linker->Link(CompileC("int f(void) { return 9; }"));
  linker.reset();
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), 9);
  image.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(Linker, EveryThreadHasItsOwnThreadLocalVariable) {
  const auto image = LoadC("_Thread_local int v = 5; int f(void) { return ++v; }");
  auto* const f = FunctionOf<int()>(*image, "f");
  EXPECT_EQ(f(), 6);
  EXPECT_EQ(f(), 7);
  int other = 0;
  std::thread([&] { other = f(); }).join();
  EXPECT_EQ(other, 6);
}

TEST(Linker, CallOnceAndFuturesOfTheCxxLibraryWork) {
  const auto image = TestLinker().Link(
      CompileCxx("#include <future>\n#include <mutex>\n#include <stdexcept>\n"
                 "static std::once_flag flag; static int calls = 0;\n"
                 "extern \"C\" int f(int fail) {\n"
                 "  try {\n"
                 "    std::call_once(flag, [fail] { if (fail) throw fail; ++calls; });\n"
                 "  } catch (int) { return -1; }\n"
                 "  auto value = std::async(std::launch::async, [] { return 40; });\n"
                 "  return value.get() + calls;\n"
                 "}\n"));
  auto* const f = FunctionOf<int(int)>(*image, "f");
  EXPECT_EQ(f(1), -1);
  EXPECT_EQ(f(0), 41);
  EXPECT_EQ(f(0), 41);
  EXPECT_EQ(image->Find("__once_proxy"), nullptr);
}

TEST(Linker, ExceptionsPassThroughCodeThatHasUnwindTables) {
  const auto image =
      LoadIr("define void @f(ptr %callback) uwtable { call void %callback() ret void }\n");
  auto* const f = FunctionOf<void(void (*)())>(*image, "f");
  EXPECT_THROW(f([] { throw 42; }), int);
}

}  // namespace
}  // namespace kiln::jit
