// Modules that are written as files for other loaders.
#include <dlfcn.h>
#include <elf.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

constexpr const char* kCxx = R"(
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>
#include <tvm/ffi/c_api.h>

static std::vector<int> table = [] { return std::vector<int>{1, 2, 3}; }();
static thread_local int calls = 0;

static std::once_flag once;
static int started = 0;

static int Sum(int n) {
  std::call_once(once, [] { ++started; });
  if (started != 1) throw std::logic_error("started more than once");
  if (n < 0) throw std::invalid_argument("n is " + std::to_string(n));
  int sum = 0;
  for (int value : table) sum += n * value;
  return sum + ++calls;
}

extern "C" int __tvm_ffi_sum(void*, const TVMFFIAny* args, int32_t, TVMFFIAny* result) {
  try {
    result->v_int64 = Sum(static_cast<int>(args[0].v_int64));
    result->type_index = kTVMFFIInt;
    return 0;
  } catch (const std::exception& error) {
    TVMFFIErrorSetRaisedFromCStr("ValueError", error.what());
    return -1;
  }
}
)";

class WrittenModule : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "kiln_written_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

std::vector<float> RunAxpy(const Module& module) {
  const Tensor x = SampleTensor({1037}, 1);
  const Tensor y = SampleTensor({1037}, 2);
  module.GetFunction("axpy")(1.7, x, y);
  return {y.elements<float>().begin(), y.elements<float>().end()};
}

Module CompileAll(const Map<String, Any>& sources) {
  jit::Version();
  return GlobalFunction::Get("kiln.jit.compile")(sources).cast<Module>();
}

// What a command prints, and its exit status.
std::pair<std::string, int> OutputOf(const std::string& command) {
  std::string text;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::array<char, 256> buffer{};
  while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) text += buffer.data();
  return {text, pclose(pipe)};
}

TEST_F(WrittenModule, ACKernelInASharedLibraryGivesTheSameBits) {
  const Module jitted = jit::Compile(KernelSource("axpy"), {.name = "axpy.c"});
  jitted->WriteToFile(Path("axpy.so"), "so");
  const Module loaded = Module::LoadFromFile(Path("axpy.so"));
  EXPECT_STREQ(loaded->kind(), "library");
  EXPECT_EQ(RunAxpy(loaded), RunAxpy(jitted));
}

TEST_F(WrittenModule, CxxInASharedLibraryConstructsThrowsAndHasThreads) {
  const Module jitted = jit::Compile(kCxx, {.name = "sum.cc"});
  jitted->WriteToFile(Path("sum.so"), "so");
  const Module loaded = Module::LoadFromFile(Path("sum.so"));
  for (const Module& module : {jitted, loaded}) {
    const Function sum = module.GetFunction("sum");
    EXPECT_EQ(sum(2).cast<int64_t>(), 13);
    EXPECT_EQ(sum(2).cast<int64_t>(), 14);
    std::thread([&] { EXPECT_EQ(sum(2).cast<int64_t>(), 13); }).join();
    try {
      sum(-3);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), "ValueError");
      EXPECT_EQ(error.message(), "n is -3");
    }
  }
}

TEST_F(WrittenModule, ASharedLibraryRunsInAProcessThatHasNoEngine) {
  jit::Compile(kCxx, {.name = "sum.cc"})->WriteToFile(Path("sum.so"), "so");
  const std::string command =
      "KILN_JIT_LIBRARY=/nowhere " KILN_COMMAND " run " + Path("sum.so") + " --fn sum ";
  EXPECT_EQ(OutputOf(command + "5"), std::pair(std::string("result: 31\n"), 0));
  EXPECT_EQ(OutputOf(command + "-- -5").first, "kiln: error: ValueError: n is -5\n");
}

TEST_F(WrittenModule, ASharedLibraryOfSeveralSourcesRunsItsDestructorsWhenItIsUnloaded) {
  static std::string log;
  const auto append = +[](char c) { log += c; };
  const Map<String, Any> sources = {
      {"a.cc", Any("struct Logged { ~Logged(); };\n"
                   "static Logged logged;\n"
                   "static void ignore(char) {}\n"
                   "void (*append)(char) = ignore;\n"
                   "Logged::~Logged() { append('s'); }\n")},
      {"b.c", Any("int atexit(void (*)(void)); extern void (*append)(char);\n"
                  "static void bye(void) { append('a'); }\n"
                  "void start(void (*f)(char)) { append = f; atexit(bye); }\n"
                  "__attribute__((destructor)) static void d(void) { append('d'); }\n")}};
  CompileAll(sources)->WriteToFile(Path("log.so"), "so");
  void* const library = dlopen(Path("log.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  reinterpret_cast<void (*)(void (*)(char))>(dlsym(library, "start"))(append);
  EXPECT_EQ(log, "");
  dlclose(library);
  EXPECT_EQ(log, "das");
}

TEST_F(WrittenModule, ASharedLibraryNeedsTheLibrariesThatItsCodeWasCompiledWith) {
  const Module module = jit::Compile(
      "#include <tvm/ffi/c_api.h>\nconst char* zlibVersion(void);\n"
      "int __tvm_ffi_get(void* self, const TVMFFIAny* args, int32_t n, TVMFFIAny* result) {\n"
      "  result->type_index = kTVMFFIInt; result->v_int64 = *zlibVersion(); return 0;\n"
      "}\n",
      {.name = "z.c", .more = {{"libraries", "libz.so.1"}}});
  module->WriteToFile(Path("z.so"), "so");
  EXPECT_EQ(OutputOf(KILN_COMMAND " run " + Path("z.so") + " --fn get").first, "result: 49\n");
}

TEST_F(WrittenModule, TheObjectsOfSeveralSourcesAreWrittenAsOne) {
  const Map<String, Any> sources = {
      {"a.c", Any("int g(int); int f(int x) { return g(x) + 1; }")},
      {"b.c", Any("static int v = 3; int g(int x) { return v * x; }")}};
  CompileAll(sources)->WriteToFile(Path("all.o"), "o");
  const std::string bytes = ReadFile(Path("all.o"));
  ASSERT_GT(bytes.size(), sizeof(Elf64_Ehdr));
  EXPECT_EQ(reinterpret_cast<const Elf64_Ehdr*>(bytes.data())->e_type, ET_REL);
  const auto [text, status] =
      OutputOf(KILN_C_COMPILER " -shared -o " + Path("all.so") + " " + Path("all.o"));
  ASSERT_EQ(status, 0) << text;
  void* const library = dlopen(Path("all.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  EXPECT_EQ(reinterpret_cast<int (*)(int)>(dlsym(library, "f"))(5), 16);
  dlclose(library);
}

TEST_F(WrittenModule, TheObjectOfOneSourceIsWrittenAsItIs) {
  const Module module = jit::Compile("int f(int x) { return x; }", {.name = "f.c"});
  module->WriteToFile(Path("f.o"), "o");
  const std::string bytes = ReadFile(Path("f.o"));
  EXPECT_NE(std::string(module->SaveToBytes().view()).find(bytes), std::string::npos);
}

TEST_F(WrittenModule, AFileThatCanNotBeWrittenIsAnErrorAndTheNextOneIsWritten) {
  const Module module = jit::Compile(kCxx, {.name = "sum.cc"});
  const std::string path = Path("no/such/folder/file");
  const auto message = [&](const char* format) {
    try {
      module->WriteToFile(path, format);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_TRUE(message("so").starts_with("LinkError: can't write 'sum.cc' to '" + path + "': "));
  for (const char* format : {"so", "o"}) {
    EXPECT_NE(message(format).find("No such file or directory"), std::string::npos)
        << message(format);
  }
  module->WriteToFile(Path("sum.so"), "so");
  EXPECT_EQ(Module::LoadFromFile(Path("sum.so")).GetFunction("sum")(1).cast<int64_t>(), 7);
}

}  // namespace
}  // namespace kiln::testing
