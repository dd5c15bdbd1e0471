// What a compiled module is to the ABI, and how long its code lives.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

constexpr const char* kAnswer = R"(
#include <tvm/ffi/c_api.h>
int __tvm_ffi_answer(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = 42;
  return 0;
}
int __tvm_ffi_question(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
  return 0;
}
)";

Module CompileAnswer() { return jit::Compile(kAnswer, {.name = "answer.c"}); }

int CountExecutableMappings() {
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::string range, permissions;
    fields >> range >> permissions;
    if (permissions.size() == 4 && permissions[2] == 'x') ++count;
  }
  return count;
}

// What the engine knows of the code at an address; empty where there is none any more.
std::string DescriptionOf(void* address) {
  const auto text =
      GlobalFunction::Get("kiln.jit.describe_address")(address).cast<Optional<std::string>>();
  return text ? *text : "";
}

TEST(JitModule, FunctionOutlivesItsModuleAndThenTheCodeIsGone) {
  std::optional<Function> answer;
  {
    const Module module = CompileAnswer();
    answer = module.GetFunction("answer");
  }
  EXPECT_EQ((*answer)().cast<int64_t>(), 42);
  void* const code = reinterpret_cast<void*>((*answer)->safe_call);
  EXPECT_EQ(DescriptionOf(code), "__tvm_ffi_answer+0x0 in answer.c");
  answer.reset();
  EXPECT_EQ(DescriptionOf(code), "");
}

TEST(JitModule, ManyModulesComeAndGoWithoutAMappingLeft) {
  CompileAnswer();
  const int before = CountExecutableMappings();
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(CompileAnswer().GetFunction("answer")().cast<int64_t>(), 42);
  }
  EXPECT_EQ(CountExecutableMappings(), before);
}

TEST(JitModule, NoMappingIsWritableAndExecutable) {
  const Module module = CompileAnswer();
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    EXPECT_EQ(line.find(" rwx"), std::string::npos) << line;
  }
}

TEST(JitModule, MissingExportIsAnErrorThatListsTheExports) {
  const Module module = CompileAnswer();
  EXPECT_FALSE(module.FindFunction("anwser"));
  try {
    module.GetFunction("anwser");
    FAIL() << "a function that does not exist was found";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "AttributeError");
    const std::string message(error.message());
    EXPECT_NE(message.find("anwser"), std::string::npos) << message;
    EXPECT_NE(message.find("answer"), std::string::npos) << message;
    EXPECT_NE(message.find("question"), std::string::npos) << message;
  }
}

TEST(JitModule, TellsItsKindAndItsExports) {
  const Module module = CompileAnswer();
  EXPECT_STREQ(module->kind(), "kiln_jit");
  EXPECT_EQ(module->InspectSource("exports"), "answer\nquestion\n");
  EXPECT_TRUE(module->ImplementsFunction("answer"));
  EXPECT_FALSE(module->ImplementsFunction("main"));
}

TEST(JitModule, IsReachableThroughTheGlobalFunctionsOfTheAbi) {
  const Module module = CompileAnswer();
  const Function get = GlobalFunction::Get("ffi.ModuleGetFunction");
  EXPECT_EQ(get(module, "answer", false).cast<Function>()().cast<int64_t>(), 42);
  EXPECT_TRUE(get(module, "nothing", false).is_none());
}

TEST(JitModule, IsWrittenToAFileAndLoadedAgain) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir());
  const std::string path = (folder / "kiln_answer_test.kiln").string();
  CompileAnswer()->WriteToFile(path, "kiln");
  const Module loaded = Module::LoadFromFile(path);
  std::filesystem::remove(path);
  EXPECT_EQ(loaded.GetFunction("answer")().cast<int64_t>(), 42);
  EXPECT_EQ(loaded->InspectSource("exports"), "answer\nquestion\n");
}

TEST(JitModule, IsSavedToBytesAndLoadedAgain) {
  const Bytes bytes = CompileAnswer()->SaveToBytes();
  const Module loaded =
      GlobalFunction::Get("ffi.Module.load_from_bytes.kiln_jit")(bytes).cast<Module>();
  EXPECT_EQ(loaded.GetFunction("answer")().cast<int64_t>(), 42);
}

TEST(JitModule, WritingAnUnknownFormatNamesTheKnownOnes) {
  try {
    CompileAnswer()->WriteToFile("unused", "exe");
    FAIL() << "an unknown format was written";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "ValueError");
    EXPECT_NE(error.message().find("'kiln', 'o' or 'so'"), std::string_view::npos);
  }
}

TEST(JitModule, CodeFindsItsModuleInTheLibraryContext) {
  const Module module = jit::Compile(R"(
    #include <tvm/ffi/c_api.h>
    void* __tvm_ffi__library_ctx = NULL;
    int __tvm_ffi_context(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {
      result->type_index = kTVMFFIOpaquePtr;
      result->v_ptr = __tvm_ffi__library_ctx;
      return 0;
    })",
                                     {.name = "context.c"});
  EXPECT_EQ(module.GetFunction("context")().cast<void*>(), module.get());
}

}  // namespace
}  // namespace kiln::testing
