#include "jit/compile/cuda/find_nvrtc.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <mutex>
#include <string_view>

#include "jit/compile/cuda/cuda_folders.h"

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

constexpr int kOldestMajor = 12;
constexpr const char* kSonames[] = {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"};

std::string ChosenLibrary() {
  const char* chosen = std::getenv("KILN_NVRTC");
  return chosen == nullptr ? "" : chosen;
}

// NVRTC opens its second library by name when it compiles. That fails where its own search path is
// not followed: beneath a symbolic link, and beneath a sanitizer's dlopen. One that is loaded
// already is found.
void OpenBuiltins(const NvrtcSearch& nvrtc) {
  const std::string name =
      "libnvrtc-builtins.so." + std::to_string(nvrtc.major) + "." + std::to_string(nvrtc.minor);
  std::error_code ignored;
  const fs::path file = fs::canonical(nvrtc.path, ignored).parent_path() / name;
  if (!ignored && fs::exists(file, ignored)) dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
}

// Tries one library; true if it is NVRTC and the search is over.
bool Open(const std::string& name, int flags, NvrtcSearch* search) {
  search->looked_at.push_back(name);
  std::string& entry = search->looked_at.back();
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | flags);
  if (handle == nullptr) {
    const char* reason = dlerror();
    std::error_code ignored;
    if (fs::exists(name, ignored) && reason != nullptr) entry += " (" + std::string(reason) + ")";
    return false;
  }
  using Version = int (*)(int*, int*);
  const auto version = reinterpret_cast<Version>(dlsym(handle, "nvrtcVersion"));
  int major = 0;
  int minor = 0;
  if (version == nullptr || version(&major, &minor) != 0) {
    entry += " (has no nvrtcVersion: it is not NVRTC)";
    dlclose(handle);
    return false;
  }
  if (major < kOldestMajor) {
    entry += " (version " + std::to_string(major) + "." + std::to_string(minor) +
             "; 12 or newer is needed)";
    dlclose(handle);
    return false;
  }
  Dl_info info{};
  search->path = dladdr(reinterpret_cast<void*>(version), &info) != 0 ? info.dli_fname : name;
  search->major = major;
  search->minor = minor;
  search->handle = handle;
  OpenBuiltins(*search);
  return true;
}

std::vector<fs::path> LibraryFolders(const std::string& site_packages) {
  std::vector<fs::path> folders;
  for (const fs::path& toolkit : ToolkitFolders()) {
    folders.push_back(toolkit / "lib64");
    folders.push_back(toolkit / "lib");
  }
  for (const fs::path& nvidia : WheelFolders(site_packages)) {
    for (const fs::path& toolkit : FoldersIn(nvidia, "cu1")) folders.push_back(toolkit / "lib");
    folders.push_back(nvidia / "cuda_nvrtc" / "lib");
  }
  return folders;
}

NvrtcSearch Search(const std::string& site_packages) {
  NvrtcSearch search;
  const std::string chosen = ChosenLibrary();
  if (!chosen.empty()) {
    Open(chosen, 0, &search);
    return search;
  }
  for (const char* soname : kSonames) {
    if (Open(soname, RTLD_NOLOAD, &search)) return search;
  }
  search.looked_at.clear();  // the loader is asked for the same names
  for (const std::string& name : NvrtcCandidates(site_packages)) {
    if (Open(name, 0, &search)) break;
  }
  return search;
}

}  // namespace

std::vector<std::string> NvrtcCandidates(const std::string& site_packages) {
  std::vector<std::string> names(std::begin(kSonames), std::end(kSonames));
  for (const fs::path& folder : LibraryFolders(site_packages)) {
    for (const char* soname : kSonames) names.push_back(folder / soname);
  }
  return names;
}

NvrtcSearch FindNvrtc(const std::string& site_packages) {
  static std::mutex* const kMutex = new std::mutex;
  static auto* const kFound = new std::map<std::string, NvrtcSearch>;
  const std::string key = ChosenLibrary() + '\n' + FolderVariables() + site_packages;
  const std::lock_guard<std::mutex> lock(*kMutex);
  const auto found = kFound->find(key);
  if (found != kFound->end()) return found->second;
  NvrtcSearch search = Search(site_packages);
  // A failure is not kept: NVRTC may be installed while this process runs.
  if (search.handle != nullptr) kFound->emplace(key, search);
  return search;
}

std::string MissingNvrtc(const NvrtcSearch& search) {
  std::string message = "NVRTC, the compiler for CUDA device code, was not found";
  if (!ChosenLibrary().empty()) {
    message += ": $KILN_NVRTC names '" + search.looked_at.front() +
               "'; point it at libnvrtc.so.12 or libnvrtc.so.13, or unset it to search for one";
    return message;
  }
  message +=
      ". Install it with `pip install nvidia-cuda-nvrtc` (CUDA 13) or "
      "`pip install nvidia-cuda-nvrtc-cu12` (CUDA 12), install a CUDA toolkit, or point "
      "$KILN_NVRTC at libnvrtc.so.13. Looked at:";
  for (const std::string& place : search.looked_at) message += "\n  " + place;
  return message;
}

}  // namespace kiln::jit
