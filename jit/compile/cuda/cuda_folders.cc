#include "jit/compile/cuda/cuda_folders.h"

#include <algorithm>
#include <cstdlib>

#include "jit/compile/cuda/python_folders.h"

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void AddOnce(std::vector<fs::path>* paths, const fs::path& path) {
  if (std::find(paths->begin(), paths->end(), path) == paths->end()) paths->push_back(path);
}

}  // namespace

std::vector<fs::path> FoldersIn(const fs::path& parent, std::string_view prefix) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (entry.path().filename().string().starts_with(prefix)) folders.push_back(entry.path());
  }
  // "cuda" itself, the link to the chosen version, comes before "cuda-13.0" and "cuda-12.4".
  std::sort(folders.begin(), folders.end(), [&](const fs::path& a, const fs::path& b) {
    const bool a_is_prefix = a.filename() == prefix;
    const bool b_is_prefix = b.filename() == prefix;
    return a_is_prefix != b_is_prefix ? a_is_prefix : a > b;
  });
  return folders;
}

std::vector<fs::path> ToolkitFolders() {
  std::vector<fs::path> folders;
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
    const std::string root = Variable(variable);
    if (!root.empty()) AddOnce(&folders, root);
  }
  for (const fs::path& root : FoldersIn("/usr/local", "cuda")) AddOnce(&folders, root);
  return folders;
}

std::vector<fs::path> WheelFolders(const std::string& site_packages) {
  std::vector<fs::path> folders;
  const std::string environment = Variable("VIRTUAL_ENV");
  if (!environment.empty()) {
    for (const fs::path& python : FoldersIn(fs::path(environment) / "lib", "python3")) {
      AddOnce(&folders, python / "site-packages" / "nvidia");
    }
  }
  for (const fs::path& packages : RunningPythonFolders(ThisProcess())) {
    AddOnce(&folders, packages / "nvidia");
  }
  if (!site_packages.empty()) AddOnce(&folders, fs::path(site_packages) / "nvidia");
  return folders;
}

std::string FolderVariables() {
  std::string all;
  for (const char* name : {"CUDA_HOME", "CUDA_PATH", "VIRTUAL_ENV"}) all += Variable(name) + '\n';
  return all;
}

}  // namespace kiln::jit
