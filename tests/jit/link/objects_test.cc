// Artifacts of several objects, as several sources of one module give them.
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/jit/link/event_log.h"
#include "tests/jit/link/load.h"

namespace kiln::jit {
namespace {

Artifact Compiled(const Source& source, const CompileOptions& options) {
  return CompileWith(Clang(), source, options);
}

Artifact CompileAll(std::vector<Source> sources, const CompileOptions& options = {}) {
  std::vector<Artifact> parts;
  for (const Source& source : sources) parts.push_back(Compiled(source, options));
  return Combine(std::move(parts));
}

std::shared_ptr<LoadedImage> LoadAll(std::vector<Source> sources,
                                     const CompileOptions& options = {}) {
  return TestLinker().Link(CompileAll(std::move(sources), options));
}

Source C(std::string name, std::string text) {
  return {Language::kC, std::move(name), std::move(text)};
}
Source Cxx(std::string name, std::string text) {
  return {Language::kCxx, std::move(name), std::move(text)};
}

TEST(Objects, SeeEachOthersFunctionsAndVariables) {
  for (const int level : {0, 2}) {
    const auto image = LoadAll({C("a.c", "int g(int); int v = 3; int f(int x) { return g(x); }"),
                                C("b.c", "extern int v; int g(int x) { return v * x; }")},
                               AtLevel(level));
    EXPECT_EQ(FunctionOf<int(int)>(*image, "f")(14), 42);
    EXPECT_EQ(FunctionOf<int(int)>(*image, "g")(5), 15);
    EXPECT_EQ(*static_cast<int*>(image->Find("v")), 3);
  }
}

TEST(Objects, SeeEachOthersHiddenSymbolsAndNoOneElseDoes) {
  const auto image = LoadAll(
      {C("a.c", "__attribute__((visibility(\"hidden\"))) extern int v; int f(void) { return v; }"),
       C("b.c", "__attribute__((visibility(\"hidden\"))) int v = 8;")});
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), 8);
  EXPECT_EQ(image->Find("v"), nullptr);
}

TEST(Objects, KeepTheirStaticNamesApart) {
  const auto image = LoadAll({C("a.c", "static int v = 1; int* f(void) { v += 1; return &v; }"),
                              C("b.c", "static int v = 5; int* g(void) { v += 1; return &v; }")},
                             AtLevel(0));
  EXPECT_EQ(*FunctionOf<int*()>(*image, "f")(), 2);
  EXPECT_EQ(*FunctionOf<int*()>(*image, "g")(), 6);
}

TEST(Objects, ExportsOfAllAreThere) {
  const auto image = LoadAll({C("a.c", "int __tvm_ffi_a(void) { return 1; }"),
                              C("b.c", "int __tvm_ffi_b(void) { return 2; }")});
  EXPECT_EQ(image->exports(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(FunctionOf<int()>(*image, "__tvm_ffi_b")(), 2);
}

TEST(Objects, AStrongDefinitionTakesThePlaceOfAWeakOneWhicheverComesFirst) {
  const Source weak =
      C("w.c", "__attribute__((weak)) int g(void) { return 1; } int f(void) { return g(); }");
  const Source strong = C("s.c", "int g(void) { return 2; }");
  EXPECT_EQ(FunctionOf<int()>(*LoadAll({weak, strong}), "f")(), 2);
  EXPECT_EQ(FunctionOf<int()>(*LoadAll({strong, weak}), "f")(), 2);
}

TEST(Objects, OfSeveralWeakDefinitionsTheFirstIsTaken) {
  const auto text = [](const std::string& caller, const std::string& value) {
    return "__attribute__((weak)) int g(void) { return " + value + "; } int " + caller +
           "(void) { return g(); }";
  };
  const auto image = LoadAll({C("a.c", text("f", "1")), C("b.c", text("h", "2"))});
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), 1);
  EXPECT_EQ(FunctionOf<int()>(*image, "h")(), 1);
}

TEST(Objects, CommonVariablesBecomeOneOfTheLargestSize) {
  CompileOptions options;
  options.flags = {"-fcommon"};
  const auto image = LoadAll({C("a.c", "char v[2]; char* f(void) { return v; }"),
                              C("b.c", "char v[4096]; char* g(void) { return v + 4095; }")},
                             options);
  char* const first = FunctionOf<char*()>(*image, "f")();
  char* const last = FunctionOf<char*()>(*image, "g")();
  EXPECT_EQ(last - first, 4095);
  *last = 'x';
  EXPECT_EQ(*last, 'x');
}

TEST(Objects, ADefinitionWithAValueTakesThePlaceOfACommonOne) {
  CompileOptions options;
  options.flags = {"-fcommon"};
  const auto image =
      LoadAll({C("a.c", "int v; int f(void) { return v; }"), C("b.c", "int v = 7;")}, options);
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), 7);
}

TEST(Objects, InlineFunctionsAndTheirStaticsAreOne) {
  const std::string shared =
      "template <class T> inline T& Counter() { static T count = 40; return count; }\n";
  const auto image =
      LoadAll({Cxx("a.cc", shared + "extern \"C\" int f() { return ++Counter<int>(); }"),
               Cxx("b.cc", shared + "extern \"C\" int g() { return ++Counter<int>(); }")},
              AtLevel(0));
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), 41);
  EXPECT_EQ(FunctionOf<int()>(*image, "g")(), 42);
}

TEST(Objects, AnExceptionOfOneIsCaughtInAnother) {
  const std::string shared =
      "#include <stdexcept>\n#include <string>\n"
      "struct Fault : std::runtime_error {\n"
      "  explicit Fault(const std::string& what) : std::runtime_error(what) {}\n"
      "};\n"
      "void Throw(int depth);\n";
  const auto image =
      LoadAll({Cxx("a.cc", shared + "extern \"C\" int f(int depth) {\n"
                                    "  try { Throw(depth); } catch (const Fault& fault) {\n"
                                    "    return (int)std::string(fault.what()).size();\n"
                                    "  }\n"
                                    "  return -1;\n"
                                    "}\n"),
               Cxx("b.cc", shared + "void Throw(int depth) {\n"
                                    "  const std::string text(depth, 'x');\n"
                                    "  if (depth == 0) return;\n"
                                    "  throw Fault(text);\n"
                                    "}\n")});
  auto* const f = FunctionOf<int(int)>(*image, "f");
  for (int i = 1; i < 50; ++i) EXPECT_EQ(f(i), i);
  EXPECT_EQ(f(0), -1);
}

TEST(Objects, EveryThreadHasItsOwnThreadLocalVariableSharedByAllObjects) {
  const auto image = LoadAll({C("a.c", "_Thread_local int v = 5; int f(void) { return ++v; }"),
                              C("b.c", "extern _Thread_local int v; int g(void) { return ++v; }")});
  auto* const f = FunctionOf<int()>(*image, "f");
  auto* const g = FunctionOf<int()>(*image, "g");
  EXPECT_EQ(f(), 6);
  EXPECT_EQ(g(), 7);
  int other = 0;
  std::thread([&] { other = g(); }).join();
  EXPECT_EQ(other, 6);
}

TEST(Objects, ConstructorsRunByPriorityAcrossObjectsAndThenInTheOrderOfObjects) {
  const auto text = [](const std::string& plain, const std::string& ranked,
                       const std::string& rank) {
    return "void kiln_test_log(char);\n"
           "__attribute__((constructor)) static void a(void) { kiln_test_log('" +
           plain + "'); }\n__attribute__((constructor(" + rank +
           "))) static void b(void) { kiln_test_log('" + ranked +
           "'); }\n__attribute__((destructor)) static void c(void) { kiln_test_log('" + plain +
           "'); }\n__attribute__((destructor(" + rank +
           "))) static void d(void) { kiln_test_log('" + ranked + "'); }\n";
  };
  Log().clear();
  auto image = LoadAll({C("a.c", text("3", "2", "102")), C("b.c", text("4", "1", "101")),
                        C("c.c", text("5", "0", "150"))});
  EXPECT_EQ(Log(), "120345");
  Log().clear();
  image.reset();
  EXPECT_EQ(Log(), "543021");
}

TEST(Objects, StaticObjectsOfAllAreDestroyedOnceInReverseOrder) {
  const std::string shared =
      "extern \"C\" void kiln_test_log(char);\n"
      "struct Logged {\n"
      "  explicit Logged(char c) : c(c) { kiln_test_log(c); }\n"
      "  ~Logged() { kiln_test_log(c); }\n"
      "  char c;\n"
      "};\n"
      "inline Logged shared('s');\n";
  Log().clear();
  auto image = LoadAll({Cxx("a.cc", shared + "static Logged a('a'); extern \"C\" void f() {\n"
                                             "  static Logged late('l');\n"
                                             "}\n"),
                        Cxx("b.cc", shared + "static Logged b('b');\n")});
  EXPECT_EQ(Log(), "sab");
  FunctionOf<void()>(*image, "f")();
  Log().clear();
  image.reset();
  EXPECT_EQ(Log(), "lbas");
}

TEST(Objects, AtexitRunsWhenTheImageGoes) {
  Log().clear();
  auto image = LoadAll({C("a.c",
                          "int atexit(void (*)(void)); void kiln_test_log(char);\n"
                          "static void bye(void) { kiln_test_log('a'); }\n"
                          "int f(void) { return atexit(bye); }\n"),
                        C("b.c",
                          "int atexit(void (*)(void)); void kiln_test_log(char);\n"
                          "static void bye(void) { kiln_test_log('b'); }\n"
                          "int g(void) { return atexit(bye); }\n")});
  EXPECT_EQ(FunctionOf<int()>(*image, "f")(), 0);
  EXPECT_EQ(FunctionOf<int()>(*image, "g")(), 0);
  EXPECT_EQ(Log(), "");
  image.reset();
  EXPECT_EQ(Log(), "ba");
}

TEST(Objects, AThreadThatHasThreadLocalObjectsOfTheCodeKeepsItUntilItEnds) {
  Log().clear();
  auto image =
      LoadAll({Cxx("a.cc",
                   "extern \"C\" void kiln_test_log(char);\n"
                   "struct Logged { ~Logged() { kiln_test_log('t'); } };\n"
                   "struct Last { ~Last() { kiln_test_log('g'); } };\n"
                   "static Last last;\n"
                   "extern \"C\" void* f() { static thread_local Logged v; return &v; }\n")});
  std::thread([&] {
    EXPECT_NE(FunctionOf<void*()>(*image, "f")(), nullptr);
    image.reset();
    EXPECT_EQ(Log(), "");
  }).join();
  EXPECT_EQ(Log(), "tg");
}

TEST(Objects, AMissingSymbolIsNamedWithWhatNeedsItAndTheNearestNameOfAnotherObject) {
  const Thrown thrown = ThrownBy([] {
    LoadAll({C("a.c",
               "int scale_roww(int); int f(int x) { return scale_roww(x); }\n"
               "int g(int x) { return 1 + scale_roww(x); }"),
             C("b.c",
               "int scale_row(int x) { return x; } extern int absent;\n"
               "int* table[] = {&absent};")},
            AtLevel(0));
  });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message,
            "'a.c' needs 2 symbols that neither it nor this process defines:\n"
            "  absent, for table of 'b.c'\n"
            "  scale_roww, for f of 'a.c' and g of 'a.c'; did you mean 'scale_row'?");
}

TEST(Objects, AMissingFunctionOfCxxIsShownAsItIsWritten) {
  const Thrown thrown = ThrownBy([] {
    LoadAll({Cxx("a.cc", "int add(int, float); extern \"C\" int f() { return add(1, 2); }")});
  });
  EXPECT_TRUE(Contains(thrown.message, "\n  _Z3addif (add(int, float)), for f")) << thrown.message;
}

TEST(Objects, TwoStrongDefinitionsAreAnErrorThatNamesBothObjects) {
  const Thrown thrown = ThrownBy([] { LoadAll({C("a.c", "int v = 1;"), C("b.c", "int v = 2;")}); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message,
            "'a.c' defines a symbol in more than one object:\n  v, in 'a.c' and in 'b.c'");
}

TEST(Objects, AConstructorThatThrowsIsAnErrorAndLeavesNothing) {
  Log().clear();
  const std::string before =
      "#include <stdexcept>\nextern \"C\" void kiln_test_log(char);\n"
      "struct Logged { Logged() { kiln_test_log('1'); } ~Logged() { kiln_test_log('2'); } "
      "};\n"
      "static Logged logged;\n";
  const Thrown thrown = ThrownBy([&] {
    LoadAll({Cxx("a.cc", before + "struct Mine : std::runtime_error { using runtime_error::"
                                  "runtime_error; };\n"
                                  "static int v = [] { throw Mine(\"no luck\"); return 1; }();")});
  });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message, "a constructor of 'a.cc' threw an exception: no luck");
  EXPECT_EQ(Log(), "12");
}

TEST(Objects, NoObjectIsAnError) {
  Artifact artifact = CompileC("int x;");
  artifact.objects.clear();
  EXPECT_EQ(ThrownBy([&] { TestLinker().Link(artifact); }).message,
            "'k.c' has no object: there is nothing to link");
}

}  // namespace
}  // namespace kiln::jit
