// Functions that a library exports with Kiln's macros, found and called through its module.
#include <string>

#include <gtest/gtest.h>

#include <kiln/kiln.h>

#include "tests/abi/cpp/thrown.h"

namespace kiln::testing {
namespace {

Module Library() { return Module::LoadFromFile(KILN_TEST_EXPORTING_LIBRARY); }

TEST(Export, FunctionsAreCalledByName) {
  const Module library = Library();
  EXPECT_EQ(library.GetFunction("add")(40, 2).cast<int>(), 42);
  const Tensor x = Tensor::Empty({2}, DataTypeOf<float>());
  for (float& element : x.elements<float>()) element = 3;
  library.GetFunction("scale")(x, 2);
  EXPECT_EQ(x.elements<float>()[1], 6.0f);
  EXPECT_EQ(library.GetFunction("first")(Tuple<String, int64_t>("one", 1)).cast<std::string>(),
            "one");
}

TEST(Export, ErrorsComeBack) {
  const Module library = Library();
  EXPECT_EQ(ThrownBy([&] { library.GetFunction("fail")(); }).message(), "as asked");
  const Error error = ThrownBy([&] { library.GetFunction("add")(1, "two"); });
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "argument 1: expected int, got const char*");
  EXPECT_EQ(ThrownBy([&] { library.GetFunction("add")(1); }).message(),
            "expected 2 arguments, got 1");
}

TEST(Export, FunctionsCarryMetadataAndDocumentation) {
  const Module module = Library();
  ModuleObj& library = *module.get();
  EXPECT_EQ(*library.GetFunctionDoc("add"), "The sum of \"a\" and b.");
  EXPECT_FALSE(library.GetFunctionDoc("scale").has_value());
  EXPECT_EQ(
      library.GetFunctionMetadata("scale")->str(),
      "{\"type_schema\":\"{\\\"type\\\":\\\"ffi.Function\\\",\\\"named_args\\\":{\\\"return\\\":"
      "[{\\\"type\\\":\\\"None\\\"}],\\\"params\\\":[{\\\"type\\\":\\\"DLTensor*\\\"},{"
      "\\\"type\\\":"
      "\\\"float\\\"}]}}\"}");
}

TEST(StaticInit, AnErrorInItIsTheLoadersError) {
  const Error error = ThrownBy([] { (void)Module::LoadFromFile(KILN_TEST_FAILING_LIBRARY); });
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_TRUE(Contains(error.message(), "no table 'kiln.test.absent'")) << error.what();
}

TEST(Environment, AStreamGuardSetsAStreamForItsScope) {
  const DLDevice device{kDLCUDA, 3};
  EXPECT_EQ(CurrentStream(device), nullptr);
  int first = 0;
  int second = 0;
  {
    const StreamGuard outer(device, &first);
    EXPECT_EQ(CurrentStream(device), &first);
    {
      const StreamGuard inner(device, &second);
      EXPECT_EQ(CurrentStream(device), &second);
      EXPECT_EQ(CurrentStream({kDLCUDA, 2}), nullptr) << "another device has its own";
    }
    EXPECT_EQ(CurrentStream(device), &first);
  }
  EXPECT_EQ(CurrentStream(device), nullptr);
  EXPECT_EQ(ThrownBy([] { SetCurrentStream({kDLCUDA, -1}, nullptr); }).kind(), "ValueError");
}

TEST(Environment, NoSignalIsPendingWithoutAFrontend) { CheckSignals(); }

}  // namespace
}  // namespace kiln::testing
