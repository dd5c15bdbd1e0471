#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <kiln/module.h>

namespace kiln {
namespace {

namespace fs = std::filesystem;

const std::string kWithLines = KILN_TEST_RAISING_LIBRARY;
const std::string kWithoutLines = KILN_TEST_BARE_RAISING_LIBRARY;

Error ErrorOf(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return error;
  }
  return Error("NoError", "the function should fail");
}

std::string Backtrace(bool cross_ffi_boundary) {
  const TVMFFIByteArray* bytes = TVMFFIBacktrace(nullptr, 0, nullptr, cross_ffi_boundary ? 1 : 0);
  return {bytes->data, bytes->size};
}

// The lines of a backtrace, the most recent call first.
std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

// True if it is `  File "<...><file>", line <line>, in <function>`.
bool IsFrame(std::string_view text, std::string_view file, std::string_view line,
             std::string_view function) {
  const std::string end =
      std::string(file) + "\", line " + std::string(line) + ", in " + std::string(function);
  return text.starts_with("  File \"") && text.ends_with(end);
}

TEST(Backtrace, StartsWithTheLineThatIsGiven) {
  const TVMFFIByteArray* bytes = TVMFFIBacktrace("kernel.c", 12, "add", 0);
  const std::string text(bytes->data, bytes->size);
  EXPECT_TRUE(text.starts_with("  File \"kernel.c\", line 12, in add\n")) << text;
}

TEST(Backtrace, LeavesThisLibraryOut) {
  const std::string text = Backtrace(false);
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(text.find("libtvm_ffi"), std::string::npos) << text;
}

TEST(Backtrace, EachThreadHasItsOwnText) {
  const TVMFFIByteArray* mine = TVMFFIBacktrace("mine.c", 1, "f", 0);
  std::thread([&] { EXPECT_NE(TVMFFIBacktrace("other.c", 2, "g", 0), mine); }).join();
  EXPECT_TRUE(std::string(mine->data, mine->size).starts_with("  File \"mine.c\""));
}

TEST(Backtrace, HasTheSourceLineOfTheProgram) {
  const std::string line = std::to_string(__LINE__ + 1);
  const std::string text = Backtrace(false);
  EXPECT_NE(text.find("backtrace_test.cc\", line " + line + ", in "), std::string::npos) << text;
}

TEST(Backtrace, HasTheSourceLineInALibraryThatIsLoadedAfterTheFirstOne) {
  ASSERT_FALSE(Backtrace(false).empty());
  const Error error = ErrorOf(Module::LoadFromFile(kWithLines).GetFunction("raise"));
  const std::string text(error.backtrace());
  EXPECT_TRUE(
      IsFrame(LinesOf(text).front(), "/raising_library.c", error.message(), "__tvm_ffi_raise"))
      << text;
}

TEST(Backtrace, NamesStaticFunctions) {
  const Error error = ErrorOf(Module::LoadFromFile(kWithLines).GetFunction("raise_in_static"));
  const auto lines = LinesOf(error.backtrace());
  EXPECT_TRUE(IsFrame(lines[0], "/raising_library.c", error.message(), "RaiseInStatic"))
      << error.backtrace();
  EXPECT_TRUE(lines[1].ends_with(", in __tvm_ffi_raise_in_static")) << error.backtrace();
}

TEST(Backtrace, HasALineForEachInlinedFunction) {
  const Error error = ErrorOf(Module::LoadFromFile(kWithLines).GetFunction("raise_inlined"));
  const auto lines = LinesOf(error.backtrace());
  EXPECT_TRUE(IsFrame(lines[0], "/raising_library.c", error.message(), "RaiseInlined"))
      << error.backtrace();
  EXPECT_TRUE(lines[1].ends_with(", in __tvm_ffi_raise_inlined")) << error.backtrace();
}

TEST(Backtrace, CrossesTheFfiBoundaryWithLines) {
  const Module module = Module::LoadFromFile(kWithLines);
  std::string line;
  const auto callback = [&](bool cross_ffi_boundary) {
    return Function::FromTyped([&line, cross_ffi_boundary](int64_t line_of_call) {
      line = std::to_string(line_of_call);
      return Backtrace(cross_ffi_boundary);
    });
  };
  const std::string text = module.GetFunction("call")(callback(true)).cast<std::string>();
  EXPECT_NE(text.find("raising_library.c\", line " + line + ", in __tvm_ffi_call\n"),
            std::string::npos)
      << text;
}

TEST(Backtrace, WithoutDebugInformationNamesTheObjectFile) {
  const Error error = ErrorOf(Module::LoadFromFile(kWithoutLines).GetFunction("raise"));
  EXPECT_EQ(LinesOf(error.backtrace()).front(),
            "  File \"" + kWithoutLines + "\", line 0, in __tvm_ffi_raise");
}

TEST(Backtrace, FindsLinesEachTimeALibraryIsLoaded) {
  for (int i = 0; i < 5; ++i) {
    const Error error = ErrorOf(Module::LoadFromFile(kWithLines).GetFunction("raise"));
    EXPECT_TRUE(IsFrame(LinesOf(error.backtrace()).front(), "/raising_library.c", error.message(),
                        "__tvm_ffi_raise"))
        << error.backtrace();
  }
}

// The file at the path is no longer the one in memory: its lines would be wrong.
TEST(Backtrace, TakesNoLinesFromAFileThatReplacedTheLoadedOne) {
  const fs::path path =
      fs::temp_directory_path() / ("kiln_backtrace_test_" + std::to_string(getpid()) + ".so");
  fs::copy_file(kWithLines, path, fs::copy_options::overwrite_existing);
  const Function raise = Module::LoadFromFile(path.string()).GetFunction("raise");
  fs::remove(path);
  fs::copy_file(kWithoutLines, path);
  const Error error = ErrorOf(raise);
  fs::remove(path);
  EXPECT_EQ(LinesOf(error.backtrace()).front(),
            "  File \"" + path.string() + "\", line 0, in __tvm_ffi_raise");
}

}  // namespace
}  // namespace kiln
