// What tools see of compiled code: gdb and perf, in runs of the command line.
#include <stdlib.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

namespace fs = std::filesystem;

constexpr char kSource[] =
    "static int table[4];\n"
    "static int helper(int x) {\n"
    "  table[1] = x;\n"
    "  return x * 2;\n"
    "}\n"
    "int twice(int x) {\n"
    "  int y = helper(x);\n"
    "  return y + table[1];\n"
    "}\n";

class Tools : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / "kiln-tools-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    std::ofstream(Path("k.c")) << kSource;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(const std::string& file) const { return folder_ + "/" + file; }

  // Runs a line of the shell in the folder, and returns what it writes.
  std::string Output(const std::string& line) const {
    FILE* const pipe = popen(("cd '" + folder_ + "' && { " + line + " ; } 2>&1").c_str(), "r");
    std::string text;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    EXPECT_EQ(pclose(pipe), 0) << text;
    return text;
  }

  // Runs the kernel; the environment is put before. Returns the process.
  std::string RunKernel(const std::string& environment) const {
    const std::string text = Output("echo $$; " + environment + " exec " + kRun);
    EXPECT_NE(text.find("result: 63"), std::string::npos) << text;
    return text.substr(0, text.find('\n'));
  }

  static constexpr char kRun[] = KILN_COMMAND
      " run k.c --fn twice --option exports=all --option opt_level=0 --option debug_info=true 21";

 private:
  std::string folder_;
};

TEST_F(Tools, GdbStopsAtALineOfCompiledCodeAndNamesItsFrames) {
  // A debugged process can't look for leaks.
  const std::string text = Output(
      "ASAN_OPTIONS=detect_leaks=0 " KILN_GDB
      " -q -batch -nx -ex 'set breakpoint pending on' -ex 'set confirm off' -ex 'break k.c:4'"
      " -ex run -ex backtrace -ex 'print x' -ex 'print table' -ex continue --args " +
      std::string(kRun));
  EXPECT_NE(text.find("4\t  return x * 2;"), std::string::npos) << text;
  EXPECT_NE(text.find("helper (x=21) at "), std::string::npos) << text;
  EXPECT_NE(text.find("in twice (x=21) at "), std::string::npos) << text;
  EXPECT_NE(text.find("in __tvm_ffi_twice ("), std::string::npos) << text;
  EXPECT_NE(text.find("$1 = 21"), std::string::npos) << text;
  EXPECT_NE(text.find("$2 = {0, 21, 0, 0}"), std::string::npos) << text;
  EXPECT_NE(text.find("result: 63"), std::string::npos) << text;
}

TEST_F(Tools, PerfMapHasALineForEachFunction) {
  const std::string process = RunKernel("KILN_PERF=map");
  const std::string path = "/tmp/perf-" + process + ".map";
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::map<std::string, std::pair<uint64_t, uint64_t>> functions;
  for (std::string line; std::getline(file, line);) {
    unsigned long begin = 0;
    unsigned long size = 0;
    int name = 0;
    ASSERT_EQ(std::sscanf(line.c_str(), "%lx %lx %n", &begin, &size, &name), 2) << line;
    functions[line.substr(static_cast<size_t>(name))] = {begin, size};
  }
  fs::remove(path);
  for (const char* name : {"helper", "twice", "__tvm_ffi_twice"}) {
    EXPECT_GT(functions[name].first, 0u) << name;
    EXPECT_GT(functions[name].second, 0u) << name;
  }
  const auto [helper, helper_size] = functions["helper"];
  const auto [twice, twice_size] = functions["twice"];
  EXPECT_TRUE(helper + helper_size <= twice || twice + twice_size <= helper);
}

template <class T>
T At(const std::string& bytes, size_t offset) {
  T value{};
  EXPECT_LE(offset + sizeof value, bytes.size());
  if (offset + sizeof value <= bytes.size()) {
    std::memcpy(&value, bytes.data() + offset, sizeof value);
  }
  return value;
}

// Read by the format's description, field by field.
TEST_F(Tools, JitdumpHasTheNameAndTheCodeOfEachFunction) {
  const std::string process = RunKernel("KILN_PERF=jitdump JITDUMPDIR=" + Path(""));
  const std::string bytes = ReadFile(Path("jit-" + process + ".dump"));
  const auto pid = static_cast<uint32_t>(std::stoul(process));
  EXPECT_EQ(At<uint32_t>(bytes, 0), 0x4A695444u);
  EXPECT_EQ(At<uint32_t>(bytes, 4), 1u);    // version
  EXPECT_EQ(At<uint32_t>(bytes, 8), 40u);   // size of the header
  EXPECT_EQ(At<uint32_t>(bytes, 12), 62u);  // x86-64
  EXPECT_EQ(At<uint32_t>(bytes, 20), pid);
  EXPECT_EQ(At<uint64_t>(bytes, 32), 0u);  // flags

  std::map<std::string, std::string> functions;
  uint64_t time = At<uint64_t>(bytes, 24);
  uint64_t index = 0;
  size_t record = 40;
  while (record < bytes.size()) {
    EXPECT_EQ(At<uint32_t>(bytes, record), 0u);  // code is loaded
    const auto size = At<uint32_t>(bytes, record + 4);
    EXPECT_GE(At<uint64_t>(bytes, record + 8), time);
    time = At<uint64_t>(bytes, record + 8);
    EXPECT_EQ(At<uint32_t>(bytes, record + 16), pid);
    EXPECT_GT(At<uint32_t>(bytes, record + 20), 0u);  // thread
    EXPECT_EQ(At<uint64_t>(bytes, record + 24), At<uint64_t>(bytes, record + 32));
    const auto code_size = At<uint64_t>(bytes, record + 40);
    EXPECT_EQ(At<uint64_t>(bytes, record + 48), index++);
    const std::string name = bytes.c_str() + record + 56;
    ASSERT_EQ(size, 56 + name.size() + 1 + code_size);
    functions[name] = bytes.substr(record + 56 + name.size() + 1, code_size);
    record += size;
  }
  EXPECT_EQ(record, bytes.size());
  for (const char* name : {"helper", "twice", "__tvm_ffi_twice"}) {
    EXPECT_NE(functions[name].find('\xC3'), std::string::npos) << name;  // it returns
  }
}

TEST_F(Tools, AFileForPerfThatCannotBeWrittenIsToldAndNothingElseFails) {
  const std::string text = Output("KILN_PERF=jitdump JITDUMPDIR=" + Path("absent") + " " + kRun);
  EXPECT_NE(text.find("can't open '" + Path("absent")), std::string::npos) << text;
  EXPECT_NE(text.find("result: 63"), std::string::npos) << text;
}

TEST_F(Tools, AnotherValueOfTheVariableIsTold) {
  const std::string text = Output(std::string("KILN_PERF=maps ") + kRun);
  EXPECT_NE(text.find("KILN_PERF must be 'map' or 'jitdump', got 'maps'"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace kiln::testing
