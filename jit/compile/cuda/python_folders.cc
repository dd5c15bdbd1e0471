#include "jit/compile/cuda/python_folders.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "jit/compile/cuda/cuda_folders.h"

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

void AddFolder(std::vector<fs::path>* folders, const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return;
  if (std::find(folders->begin(), folders->end(), folder) == folders->end()) {
    folders->push_back(folder);
  }
}

// The package folders of a Python whose files lie below `prefix`.
void AddInstallation(std::vector<fs::path>* folders, const fs::path& prefix) {
  for (const char* lib : {"lib", "lib64", "local/lib"}) {
    for (const fs::path& python : FoldersIn(prefix / lib, "python3")) {
      AddFolder(folders, python / "site-packages");
      AddFolder(folders, python / "dist-packages");
    }
  }
}

// The file that a shell would run for `command`; links stay unresolved, as they tell the virtual
// environment.
fs::path FileOf(const std::string& command, const std::string& search_path) {
  std::error_code ignored;
  if (command.find('/') != std::string::npos) return fs::absolute(command, ignored);
  std::istringstream folders(search_path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path file = fs::path(folder) / command;
    if (fs::is_regular_file(file, ignored)) return file;
  }
  return {};
}

bool IsPython(const fs::path& file) { return file.filename().string().starts_with("python"); }

}  // namespace

ProcessView ThisProcess() {
  ProcessView process;
  std::error_code ignored;
  process.executable = fs::read_symlink("/proc/self/exe", ignored).string();
  std::ifstream command("/proc/self/cmdline");
  std::getline(command, process.command, '\0');
  if (const char* path = std::getenv("PATH")) process.search_path = path;
  if (const char* home = std::getenv("HOME")) process.home = home;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t slash = line.find('/');
    if (slash == std::string::npos) continue;
    std::string file = line.substr(slash);
    if (process.mapped_files.empty() || process.mapped_files.back() != file) {
      process.mapped_files.push_back(std::move(file));
    }
  }
  return process;
}

std::vector<fs::path> RunningPythonFolders(const ProcessView& process) {
  std::vector<fs::path> folders;
  const bool is_python = IsPython(process.executable);
  std::vector<fs::path> libraries;
  for (const std::string& file : process.mapped_files) {
    for (const std::string_view packages : {"/site-packages/", "/dist-packages/"}) {
      const size_t at = file.find(packages);
      if (at != std::string::npos) AddFolder(&folders, file.substr(0, at + packages.size() - 1));
    }
    if (fs::path(file).filename().string().starts_with("libpython3")) libraries.emplace_back(file);
  }
  if (!is_python && libraries.empty()) return folders;

  const fs::path command = FileOf(process.command, process.search_path);
  if (IsPython(command)) AddInstallation(&folders, command.parent_path().parent_path());
  if (is_python) {
    AddInstallation(&folders, fs::path(process.executable).parent_path().parent_path());
  }
  for (const fs::path& library : libraries) {
    AddInstallation(&folders, library.parent_path().parent_path());
  }
  if (!process.home.empty()) AddInstallation(&folders, fs::path(process.home) / ".local");
  return folders;
}

}  // namespace kiln::jit
