#include "jit/cli/module_file.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void ThrowUnreadable(const std::string& file, const std::string& reason) {
  throw Error("RuntimeError", "can't read '" + file + "': " + reason);
}

void CheckFile(const std::string& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (status.type() == fs::file_type::not_found) ThrowUnreadable(file, "there is no such file");
  if (error) ThrowUnreadable(file, error.message());
  if (fs::is_directory(status)) {
    ThrowUnreadable(file,
                    "it is a directory; give a source (.c, .ll, .bc) or a module (.so, .kiln)");
  }
  if (!fs::is_regular_file(status) && !fs::is_fifo(status)) {
    ThrowUnreadable(file, "it is neither a file nor a pipe");
  }
}

std::string ReadFile(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) ThrowUnreadable(file, std::strerror(errno));
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad()) ThrowUnreadable(file, "reading it failed");
  return bytes;
}

double LoadEngine() {
  const Clock::time_point start = Clock::now();
  kiln::jit::Version();
  return SecondsSince(start);
}

}  // namespace

bool IsModuleFile(const std::string& file) {
  const fs::path suffix = fs::path(file).extension();
  return suffix == ".so" || suffix == ".kiln";
}

OpenedModule OpenModule(const std::string& file, kiln::jit::CompileOptions options) {
  CheckFile(file);
  OpenedModule opened;
  if (fs::path(file).extension() != ".so") opened.engine_seconds = LoadEngine();
  const Clock::time_point start = Clock::now();
  if (IsModuleFile(file)) {
    // A bare file name would be searched for along the loader's path.
    opened.module = Module::LoadFromFile(fs::absolute(file).string());
  } else {
    options.name = file;
    // As any compiler does: headers named in quotes are found beside the source.
    if (fs::path(file).extension() == ".c") {
      const std::string folder = fs::absolute(file).parent_path().string();
      options.more.emplace_back("include_dirs", Any(String(folder)));
    }
    opened.module = kiln::jit::Compile(ReadFile(file), options);
    opened.warnings = opened.module->InspectSource("warnings").str();
  }
  opened.open_seconds = SecondsSince(start);
  return opened;
}

}  // namespace kiln::cli
