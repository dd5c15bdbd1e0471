#include "jit/compile/cuda/find_nvrtc.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSonames[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"};

// Folders below `parent` whose name starts with `prefix`, or none if there is no such parent.
std::vector<fs::path> FoldersIn(const fs::path& parent, std::string_view prefix) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (entry.path().filename().string().starts_with(prefix)) folders.push_back(entry.path());
  }
  return folders;
}

std::vector<fs::path> LibraryFolders() {
  std::vector<fs::path> folders;
  for (const char* variable : {"CUDA_HOME", "CUDA_PATH"}) {
    const char* root = std::getenv(variable);
    if (root != nullptr && *root != '\0') folders.push_back(fs::path(root) / "lib64");
  }
  for (const fs::path& root : FoldersIn("/usr/local", "cuda")) folders.push_back(root / "lib64");
  if (const char* environment = std::getenv("VIRTUAL_ENV")) {
    for (const fs::path& python : FoldersIn(fs::path(environment) / "lib", "python3")) {
      const fs::path nvidia = python / "site-packages" / "nvidia";
      folders.push_back(nvidia / "cuda_nvrtc" / "lib");
      for (const fs::path& toolkit : FoldersIn(nvidia, "cu1")) folders.push_back(toolkit / "lib");
    }
  }
  return folders;
}

// Tries one library; true if it is NVRTC and the search is over.
bool Open(const std::string& name, NvrtcSearch* search) {
  search->looked_at.push_back(name);
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return false;
  using Version = int (*)(int*, int*);
  const auto version = reinterpret_cast<Version>(dlsym(handle, "nvrtcVersion"));
  if (version == nullptr || version(&search->major, &search->minor) != 0) {
    dlclose(handle);
    return false;
  }
  Dl_info info{};
  search->path = dladdr(reinterpret_cast<void*>(version), &info) != 0 ? info.dli_fname : name;
  search->handle = handle;
  return true;
}

}  // namespace

NvrtcSearch FindNvrtc() {
  NvrtcSearch search;
  const char* chosen = std::getenv("KILN_NVRTC");
  if (chosen != nullptr && *chosen != '\0') {
    Open(chosen, &search);
    return search;
  }
  for (const std::string_view soname : kSonames) {
    if (Open(std::string(soname), &search)) return search;
  }
  for (const fs::path& folder : LibraryFolders()) {
    for (const std::string_view soname : kSonames) {
      if (Open(folder / soname, &search)) return search;
    }
  }
  return search;
}

}  // namespace kiln::jit
