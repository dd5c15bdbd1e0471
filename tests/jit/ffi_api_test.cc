// The engine's global functions, called as any language calls them.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"

namespace kiln::testing {
namespace {

constexpr const char* kSource = R"(
#include <tvm/ffi/c_api.h>
int __tvm_ffi_value(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = VALUE;
  return 0;
}
)";

class FfiApi : public ::testing::Test {
 protected:
  void SetUp() override { jit::Version(); }  // loads the engine

  const Function compile() const { return GlobalFunction::Get("kiln.jit.compile"); }
  static int64_t Value(const Any& module) {
    return module.cast<Module>().GetFunction("value")().cast<int64_t>();
  }
};

TEST_F(FfiApi, CompileTakesPairsOfOptionAndValue) {
  EXPECT_EQ(Value(compile()(kSource, "name", "v.c", "opt_level", 0, "defines", "VALUE=7")), 7);
}

TEST_F(FfiApi, CompileTakesAListAsAnArray) {
  const Array<String> defines = {"UNUSED", "VALUE=8"};
  EXPECT_EQ(Value(compile()(kSource, "language", "c", "defines", defines)), 8);
}

TEST_F(FfiApi, CompileTakesOptionsAsAMapOrADict) {
  const Map<String, Any> map = {{"name", Any("v.c")}, {"defines", Any("VALUE=11")}};
  EXPECT_EQ(Value(compile()(kSource, map)), 11);
  const Dict<String, Any> dict = {{"language", Any("c")},
                                  {"defines", Any(List<String>{"VALUE=12"})}};
  EXPECT_EQ(Value(compile()(kSource, dict)), 12);
}

TEST_F(FfiApi, CompileTakesTheSourceAsBytes) {
  EXPECT_EQ(Value(compile()(Bytes(std::string_view(kSource)), "name", "v.c", "defines", "VALUE=9")),
            9);
}

TEST_F(FfiApi, CompileRefusesAnOptionWithoutAValue) {
  try {
    compile()(kSource, "name");
    FAIL() << "an option without a value was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "TypeError");
  }
}

TEST_F(FfiApi, CompileRefusesAValueOfTheWrongType) {
  try {
    compile()(kSource, "name", "v.c", "opt_level", "two");
    FAIL() << "a string was taken for an integer";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "TypeError");
    EXPECT_EQ(error.message(), "opt_level must be an integer 0..3, got 'two'");
  }
}

TEST_F(FfiApi, LaunchMakesALaunchObject) {
  const Any launch = GlobalFunction::Get("kiln.jit.launch")("grid", 64, "block", Shape{16, 16});
  EXPECT_EQ(KindName(launch.type_index()), "kiln.jit.Launch");
}

TEST_F(FfiApi, SourceWithoutNameOrLanguageSaysHowToTell) {
  try {
    compile()("int x;");
    FAIL() << "the language was guessed";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "ValueError");
    EXPECT_NE(error.message().find("language"), std::string_view::npos) << error.what();
  }
}

TEST_F(FfiApi, DoctorSaysWhatItIsAndWhereItLooked) {
  const auto report = GlobalFunction::Get("kiln.jit.doctor")().cast<std::string>();
  for (const char* part : {"\"llvm\"", "\"clang\"", "\"abi\"", "\"nvrtc\"", "\"looked_at\"",
                           "libcuda.so.1", "\"cache\""}) {
    EXPECT_NE(report.find(part), std::string::npos) << part << " in " << report;
  }
}

TEST_F(FfiApi, OptionsAreListedWithRangeDefaultAndMeaning) {
  const auto options = GlobalFunction::Get("kiln.jit.options")().cast<std::string>();
  for (const char* part : {"\"opt_level\"", "an integer 0..3", "\"native\"", "\"fast_math\""}) {
    EXPECT_NE(options.find(part), std::string::npos) << part << " in " << options;
  }
}

TEST_F(FfiApi, CompilesGoOnWhileTheEnginePreloads) {
  const Function preload = GlobalFunction::Get("kiln.jit.preload");
  for (int i = 0; i < 3; ++i) preload();
  EXPECT_EQ(Value(compile()(kSource, "name", "v.c", "opt_level", 0, "defines", "VALUE=7")), 7);
}

TEST_F(FfiApi, AProcessMayExitWhileTheEnginePreloads) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        GlobalFunction::Get("kiln.jit.preload")();
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace kiln::testing
