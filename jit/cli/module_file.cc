#include "jit/cli/module_file.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <kiln/array.h>

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kCFamilySuffixes[] = {".c", ".cc", ".cpp", ".cxx", ".C", ".cu"};
constexpr std::string_view kSourceSuffixes[] = {".c",  ".cc", ".cpp", ".cxx", ".C",
                                                ".cu", ".ll", ".bc",  ".o",   ".a"};

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
    ThrowUnreadable(
        file, "it is a directory; give a source (.c, .cc, .cu, .ll, .bc) or a module (.so, .kiln)");
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

bool Has(std::span<const std::string_view> list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The folders of the C and C++ files among `files`, each once.
Array<String> FoldersOf(const std::vector<std::string>& files, const std::string& language) {
  std::vector<std::string> folders;
  for (const std::string& file : files) {
    const fs::path path(file);
    if (language.empty() ? !Has(kCFamilySuffixes, path.extension().string())
                         : language.starts_with("llvm")) {
      continue;
    }
    std::string folder = fs::absolute(path).parent_path().string();
    if (std::find(folders.begin(), folders.end(), folder) == folders.end()) {
      folders.push_back(std::move(folder));
    }
  }
  return Array<String>::From(folders);
}

Module CompileFiles(const std::vector<std::string>& files, kiln::jit::CompileOptions options) {
  const SourceTexts read = ReadSources(files, std::move(options));
  if (read.sources.size() == 1) return kiln::jit::Compile(read.sources[0].text, read.options);
  return kiln::jit::Compile(read.sources, read.options);
}

}  // namespace

bool IsModuleFile(const std::string& file) {
  const fs::path suffix = fs::path(file).extension();
  return suffix == ".so" || suffix == ".kiln";
}

bool IsSourceName(const std::string& word) {
  if (word.starts_with("str:") || word.find('=') != std::string::npos) return false;
  return Has(kSourceSuffixes, fs::path(word).extension().string());
}

SourceTexts ReadSources(const std::vector<std::string>& files, kiln::jit::CompileOptions options) {
  SourceTexts read{{}, std::move(options)};
  for (const std::string& file : files) {
    CheckFile(file);
    if (IsModuleFile(file)) {
      throw Error("ValueError", "'" + file + "' is compiled already: give it alone");
    }
    read.sources.push_back({file, ReadFile(file)});
  }
  // As any compiler does: headers named in quotes are found beside the source.
  const Array<String> folders = FoldersOf(files, read.options.language);
  if (!folders.empty()) read.options.more.emplace_back("include_dirs", Any(folders));
  if (files.size() == 1) read.options.name = files[0];
  return read;
}

OpenedModule OpenModule(const std::vector<std::string>& files, kiln::jit::CompileOptions options) {
  for (const std::string& file : files) CheckFile(file);
  OpenedModule opened;
  if (fs::path(files[0]).extension() != ".so") opened.engine_seconds = LoadEngine();
  const Clock::time_point start = Clock::now();
  if (files.size() == 1 && IsModuleFile(files[0])) {
    // A bare file name would be searched for along the loader's path.
    opened.module = Module::LoadFromFile(fs::absolute(files[0]).string());
  } else {
    opened.module = CompileFiles(files, std::move(options));
    opened.compiled = true;
  }
  opened.open_seconds = SecondsSince(start);
  return opened;
}

}  // namespace kiln::cli
