#include "jit/compile/clang/cxx_library.h"

#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRoot = "/usr/include/c++";
constexpr std::string_view kMachineRoot = "/usr/include/x86_64-linux-gnu/c++";

// 12 for "12"; 0 for a name that is no version.
int MajorVersion(const std::string& name) {
  int version = 0;
  std::from_chars(name.data(), name.data() + name.size(), version);
  return version;
}

// The name of the newest version's folder, "12"; empty where there is none with all its headers.
std::string NewestVersion() {
  std::string newest;
  std::error_code error;
  for (fs::directory_iterator it(kRoot, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename();
    std::error_code ignored;
    if (!fs::exists(fs::path(kMachineRoot) / name / "bits/c++config.h", ignored)) continue;
    if (MajorVersion(name) > MajorVersion(newest)) newest = name;
  }
  return newest;
}

}  // namespace

const std::vector<std::string>& CxxLibraryFolders() {
  static const auto* const kFolders = [] {
    auto* folders = new std::vector<std::string>();
    const std::string version = NewestVersion();
    if (version.empty()) return folders;
    folders->push_back(fs::path(kRoot) / version);
    folders->push_back(fs::path(kMachineRoot) / version);
    folders->push_back(fs::path(kRoot) / version / "backward");
    return folders;
  }();
  return *kFolders;
}

}  // namespace kiln::jit
