// What code is linked against beside itself: given symbols, other images, shared libraries.
#include <atomic>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/jit/link/load.h"

// What the process has under a name that is also given otherwise.
extern "C" __attribute__((visibility("default"))) int kiln_inputs_value() { return 1; }

namespace kiln::jit {
namespace {

constexpr char kCaller[] =
    "int kiln_inputs_value(void); int f(void) { return kiln_inputs_value(); }";

int Given() { return 2; }

std::shared_ptr<LoadedImage> Link(const std::string& text, LinkInputs inputs,
                                  std::vector<std::string> libraries = {}) {
  Artifact artifact = CompileC(text);
  artifact.libraries = std::move(libraries);
  return TestLinker().Link(artifact, std::move(inputs));
}

int Value(const LoadedImage& image) { return FunctionOf<int()>(image, "f")(); }

TEST(LinkInputs, SymbolsComeBeforeImagesAndThoseBeforeLibrariesAndTheProcess) {
  const AddressMap symbols = {{"kiln_inputs_value", reinterpret_cast<uint64_t>(&Given)}};
  const auto first = LoadC("int kiln_inputs_value(void) { return 3; }");
  const auto second = LoadC("int kiln_inputs_value(void) { return 4; }");
  EXPECT_EQ(Value(*Link(kCaller, {symbols, {first, second}}, {KILN_TEST_VALUES})), 2);
  EXPECT_EQ(Value(*Link(kCaller, {{}, {first, second}}, {KILN_TEST_VALUES})), 3);
  EXPECT_EQ(Value(*Link(kCaller, {{}, {second, first}}, {KILN_TEST_VALUES})), 4);
  EXPECT_EQ(Value(*Link(kCaller, {}, {KILN_TEST_VALUES})), 5);
  EXPECT_EQ(Value(*Link(kCaller, {})), 1);
  const std::string own = "int kiln_inputs_value(void) { return 6; }\n";
  EXPECT_EQ(Value(*Link(own + kCaller, {symbols, {first}}, {KILN_TEST_VALUES})), 6);
}

TEST(LinkInputs, ASymbolMayBeAVariable) {
  static int variable = 40;
  const auto image = Link("extern int v; int f(void) { return v += 2; }",
                          {{{"v", reinterpret_cast<uint64_t>(&variable)}}, {}});
  EXPECT_EQ(Value(*image), 42);
  EXPECT_EQ(variable, 42);
}

TEST(LinkInputs, TheAddressZeroIsRefused) {
  const Thrown thrown = ThrownBy([] { Link(kCaller, {{{"kiln_inputs_value", 0}}, {}}); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message, "option symbols gives 'kiln_inputs_value' the address 0");
}

TEST(LinkInputs, AnImageKeepsThoseThatItIsLinkedWithAliveUntilItsDestructorsRan) {
  static std::atomic<int> last = 0;
  const AddressMap symbols = {{"kiln_last", reinterpret_cast<uint64_t>(&last)}};
  auto base = Link(
      "extern int kiln_last; int value = 7; int* base(void) { return &value; }\n"
      "__attribute__((destructor)) static void d(void) { kiln_last += 100; }\n",
      {symbols, {}});
  const std::weak_ptr<LoadedImage> watch = base;
  auto image = Link(
      "extern int kiln_last; int* base(void); int f(void) { return *base(); }\n"
      "__attribute__((destructor)) static void d(void) { kiln_last = *base(); }\n",
      {symbols, {base}});
  base.reset();
  EXPECT_FALSE(watch.expired());
  EXPECT_EQ(Value(*image), 7);
  image.reset();
  EXPECT_TRUE(watch.expired());
  EXPECT_EQ(last, 107);
}

TEST(LinkInputs, AnExceptionOfALinkedImageIsCaught) {
  const auto base = TestLinker().Link(
      CompileCxx("#include <stdexcept>\nvoid Fail() { throw std::out_of_range(\"far\"); }"));
  const auto image = TestLinker().Link(
      CompileCxx("#include <stdexcept>\nvoid Fail();\n"
                 "extern \"C\" int f() {\n"
                 "  try { Fail(); } catch (const std::logic_error&) { return 9; }\n"
                 "  return 0;\n"
                 "}\n"),
      {{}, {base}});
  EXPECT_EQ(Value(*image), 9);
}

TEST(LinkInputs, AnImageDoesNotSeeHiddenSymbolsOfAnother) {
  const auto base = LoadC("__attribute__((visibility(\"hidden\"))) int absent(void) { return 1; }");
  const Thrown thrown =
      ThrownBy([&] { Link("int absent(void); int f(void) { return absent(); }", {{}, {base}}); });
  EXPECT_EQ(thrown.message,
            "'k.c' needs a symbol that neither it, nor what it is linked with, nor this process "
            "defines:\n  absent, for f");
}

TEST(LinkInputs, AMissingSymbolIsComparedWithTheNamesOfAllInputs) {
  const auto base = LoadC("int from_an_image(void) { return 1; }");
  const Thrown thrown = ThrownBy([&] {
    Link(
        "int from_an_imagee(void); int kiln_test_library_valu(void); int give(void);\n"
        "int f(void) { return from_an_imagee() + kiln_test_library_valu() + give(); }",
        {{{"given", 1}}, {base}}, {KILN_TEST_VALUES});
  });
  for (const char* hint : {"'from_an_image'?", "'kiln_test_library_value'?", "'given'?"}) {
    EXPECT_TRUE(Contains(thrown.message, hint)) << thrown.message;
  }
}

TEST(LinkInputs, ALibraryIsClosedWhenItsImageGoes) {
  auto image = Link(
      "int kiln_test_library_value(void); int f(void) { return "
      "kiln_test_library_value(); }",
      {}, {KILN_TEST_VALUES});
  EXPECT_EQ(Value(*image), 5);
  static int closed = 0;
  FunctionOf<void(int*)>(*Link("void kiln_test_library_tell(int*);\n"
                               "void g(int* closed) { kiln_test_library_tell(closed); }",
                               {}, {KILN_TEST_VALUES}),
                         "g")(&closed);
  EXPECT_EQ(closed, 0);
  image.reset();
  EXPECT_EQ(closed, 1);
}

TEST(LinkInputs, ALibraryThatIsNotThereIsAnErrorInTheWordsOfTheDynamicLinker) {
  const Thrown thrown = ThrownBy([] { Link(kCaller, {}, {"libkiln_absent.so.7"}); });
  EXPECT_EQ(thrown.kind, "LinkError");
  EXPECT_EQ(thrown.message,
            "'k.c' needs the shared library 'libkiln_absent.so.7', which can't be opened: "
            "libkiln_absent.so.7: cannot open shared object file: No such file or directory");
}

}  // namespace
}  // namespace kiln::jit
