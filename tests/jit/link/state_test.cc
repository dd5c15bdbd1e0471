// Images that go on with the variables of another compile of the same program, and constructors
// that run apart from linking.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/jit/link/event_log.h"
#include "tests/jit/link/load.h"
#include "tests/jit/objects/objects.h"

namespace kiln::jit {
namespace {

LinkInputs KeepHidden() {
  LinkInputs inputs;
  inputs.keep_hidden = true;
  return inputs;
}

LinkInputs StateOf(std::shared_ptr<LoadedImage> image) {
  LinkInputs inputs;
  inputs.state_of = std::move(image);
  inputs.keep_hidden = true;
  return inputs;
}

LinkInputs WithoutConstructors() {
  LinkInputs inputs;
  inputs.run_constructors = false;
  return inputs;
}

Artifact ObjectOf(const std::string& file) {
  static const std::unique_ptr<Compiler> kCompiler = MakeObjectCompiler();
  return CompileWith(*kCompiler, {Language::kObject, file, kiln::testing::ObjectBytes(file)}, {});
}

TEST(StateOf, GlobalVariablesGoOn) {
  const std::string text = "int v = 5; int z[4]; int f(void) { z[1] += 1; return ++v + z[1]; }";
  const auto first = TestLinker().Link(CompileC(text, AtLevel(0)));
  EXPECT_EQ(FunctionOf<int()>(*first, "f")(), 7);
  const auto second = TestLinker().Link(CompileC(text, AtLevel(2)), StateOf(first));
  EXPECT_NE(second->Find("f"), first->Find("f"));
  EXPECT_EQ(second->Find("v"), first->Find("v"));
  EXPECT_EQ(FunctionOf<int()>(*second, "f")(), 9);
  EXPECT_EQ(FunctionOf<int()>(*first, "f")(), 11);
  const auto third = TestLinker().Link(CompileC(text, AtLevel(3)), StateOf(second));
  EXPECT_EQ(FunctionOf<int()>(*third, "f")(), 13);
}

class StateOfObjects : public ::testing::TestWithParam<const char*> {};

// Counts in variables with default and with hidden visibility, in a static one of an inline
// function with a guard, and in one that each thread has.
TEST_P(StateOfObjects, EveryKindOfVariableGoesOn) {
  const std::string compiler = GetParam();
  const auto first = TestLinker().Link(ObjectOf("state.cc." + compiler + ".O0.o"), KeepHidden());
  const auto count = [](const LoadedImage& image, const char* name) {
    return FunctionOf<int()>(image, name)();
  };
  const bool has_thread_local = first->Find("count_thread") != nullptr;
  for (const char* name : {"count_global", "count_hidden", "count_inline"}) {
    EXPECT_EQ(count(*first, name), 1) << name;
  }
  if (has_thread_local) {
    EXPECT_EQ(count(*first, "count_thread"), 1);
  }
  const auto second = TestLinker().Link(ObjectOf("state.cc." + compiler + ".O2.o"), StateOf(first));
  for (const char* name : {"count_global", "count_hidden", "count_inline"}) {
    EXPECT_EQ(count(*second, name), 2) << name;
    EXPECT_EQ(count(*first, name), 3) << name;
  }
  if (has_thread_local) {
    EXPECT_EQ(count(*second, "count_thread"), 2);
  }
  EXPECT_EQ(FunctionOf<int()>(*second, "constructions")(), 1);
}

INSTANTIATE_TEST_SUITE_P(Compilers, StateOfObjects, ::testing::Values("gcc", "clang"));

TEST(StateOf, NeitherConstructorsNorDestructorsRunAgain) {
  const std::string text =
      "extern \"C\" void kiln_test_log(char);\n"
      "struct Logged { Logged() { kiln_test_log('+'); } ~Logged() { kiln_test_log('-'); } };\n"
      "Logged logged;\n"
      "__attribute__((destructor)) static void d() { kiln_test_log('d'); }\n"
      "extern \"C\" void* f() { return &logged; }\n";
  Log().clear();
  auto first = TestLinker().Link(CompileCxx(text));
  auto second = TestLinker().Link(CompileCxx(text), StateOf(first));
  EXPECT_EQ(FunctionOf<void*()>(*second, "f")(), FunctionOf<void*()>(*first, "f")());
  EXPECT_EQ(Log(), "+");
  second.reset();
  EXPECT_EQ(Log(), "+");
  first.reset();
  EXPECT_EQ(Log(), "+d-");
}

TEST(StateOf, TheNewImageKeepsTheOldOneAlive) {
  const std::string text = "int v = 5; int f(void) { return ++v; }";
  auto first = LoadC(text);
  const std::weak_ptr<LoadedImage> watch = first;
  auto second = TestLinker().Link(CompileC(text), StateOf(first));
  first.reset();
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(FunctionOf<int()>(*second, "f")(), 6);
  second.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(StateOf, ConstantsAndFunctionsAreTheNewImagesOwn) {
  const std::string text =
      "extern const int k = 3; int g() { return k; }\n"
      "struct Base { virtual int Call() { return 1; } };\n"
      "extern \"C\" Base* f() { static Base* base = new Base(); return base; }\n";
  const auto first = TestLinker().Link(CompileCxx(text));
  const auto second = TestLinker().Link(CompileCxx(text), StateOf(first));
  for (const char* name : {"k", "_Z1gv", "_ZTV4Base"}) {
    EXPECT_NE(first->Find(name), nullptr) << name;
    EXPECT_NE(second->Find(name), first->Find(name)) << name;
  }
}

TEST(StateOf, HiddenVariablesGoOnOnlyWhereTheyWereKept) {
  const std::string text =
      "__attribute__((visibility(\"hidden\"))) int v; int f(void) { return ++v; }";
  const auto kept = TestLinker().Link(CompileC(text), KeepHidden());
  EXPECT_EQ(kept->Find("v"), nullptr);
  FunctionOf<int()>(*kept, "f")();
  EXPECT_EQ(FunctionOf<int()>(*TestLinker().Link(CompileC(text), StateOf(kept)), "f")(), 2);
  const auto plain = LoadC(text);
  FunctionOf<int()>(*plain, "f")();
  EXPECT_EQ(FunctionOf<int()>(*TestLinker().Link(CompileC(text), StateOf(plain)), "f")(), 1);
}

TEST(StateOf, AVariableOfAnotherSizeIsAnError) {
  const auto first = LoadC("int v[4];");
  const Thrown thrown = ThrownBy([&] { TestLinker().Link(CompileC("int v[8];"), StateOf(first)); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message,
            "'k.c' can't go on with the variable 'v' of the image that was given: it has 32 bytes "
            "here and 16 there; both must be compiles of one program");
}

constexpr char kLogged[] =
    "void kiln_test_log(char);\n"
    "__attribute__((constructor)) static void c(void) { kiln_test_log('c'); }\n"
    "__attribute__((destructor)) static void d(void) { kiln_test_log('d'); }\n";

TEST(RunConstructors, RunsWhatLinkLeftOutOnce) {
  Log().clear();
  auto image = TestLinker().Link(CompileC(kLogged), WithoutConstructors());
  EXPECT_EQ(Log(), "");
  image->RunConstructors();
  image->RunConstructors();
  EXPECT_EQ(Log(), "c");
  image.reset();
  EXPECT_EQ(Log(), "cd");
}

TEST(RunConstructors, WithoutThemNoDestructorsRun) {
  Log().clear();
  TestLinker().Link(CompileC(kLogged), WithoutConstructors());
  EXPECT_EQ(Log(), "");
}

TEST(RunConstructors, DoesNothingWhereLinkRanThemOrThereAreNone) {
  Log().clear();
  const auto image = LoadC(kLogged);
  image->RunConstructors();
  EXPECT_EQ(Log(), "c");
  LoadC("int f(void) { return 1; }")->RunConstructors();
}

TEST(RunConstructors, ThrowsWhatAConstructorThrowsAndRunsNoDestructors) {
  Log().clear();
  auto image = TestLinker().Link(
      CompileCxx("#include <stdexcept>\nextern \"C\" void kiln_test_log(char);\n"
                 "static int v = [] { throw std::runtime_error(\"no luck\"); return 1; }();\n"
                 "__attribute__((destructor)) static void d() { kiln_test_log('d'); }\n"),
      WithoutConstructors());
  const Thrown thrown = ThrownBy([&] { image->RunConstructors(); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message, "a constructor of 'k.cc' threw an exception: no luck");
  image.reset();
  EXPECT_EQ(Log(), "");
}

}  // namespace
}  // namespace kiln::jit
