#include "jit/compile/cuda/cuda_include_dirs.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "jit/compile/cuda/cuda_folders.h"

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

// A part of CUDA's headers, and a file by which a folder shows that it has it.
constexpr const char* kParts[] = {"cuda_runtime_api.h", "crt/host_defines.h", "cub/cub.cuh"};

// The number that `file` defines as `macro`; 0 where there is none.
int Definition(const fs::path& file, const std::string& macro) {
  std::ifstream text(file);
  const std::string start = "#define " + macro + " ";
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with(start)) continue;
    const size_t digit = line.find_first_of("0123456789", start.size());
    int value = 0;
    if (digit != std::string::npos) {
      std::from_chars(line.data() + digit, line.data() + line.size(), value);
    }
    return value;
  }
  return 0;
}

// An include folder, with the major version that its place tells; 0 where its files must.
struct Candidate {
  fs::path folder;
  int major = 0;
};

int MajorOf(const Candidate& candidate) {
  if (candidate.major != 0) return candidate.major;
  return Definition(candidate.folder / "cuda_runtime_api.h", "CUDART_VERSION") / 1000;
}

void AddToolkit(std::vector<Candidate>* candidates, const fs::path& root, int major) {
  candidates->push_back({root / "include", major});
}

std::vector<Candidate> Candidates(const Nvrtc& nvrtc, const std::string& site_packages) {
  std::vector<Candidate> candidates;
  // lib or lib64 of a toolkit, or of the wheel.
  AddToolkit(&candidates, fs::path(nvrtc.path()).parent_path().parent_path(), 0);
  for (const fs::path& toolkit : ToolkitFolders()) AddToolkit(&candidates, toolkit, 0);
  std::vector<fs::path> wheels;
  // Wheels that lie beside NVRTC's own: nvidia/cu13/lib, nvidia/cuda_nvrtc/lib.
  const fs::path beside = fs::path(nvrtc.path()).parent_path().parent_path().parent_path();
  if (beside.filename() == "nvidia") wheels.push_back(beside);
  for (const fs::path& nvidia : WheelFolders(site_packages)) {
    if (std::find(wheels.begin(), wheels.end(), nvidia) == wheels.end()) wheels.push_back(nvidia);
  }
  for (const fs::path& nvidia : wheels) {
    if (nvrtc.major() == 12) {
      for (const char* part : {"cuda_runtime", "cuda_nvcc", "cuda_cccl"}) {
        candidates.push_back({nvidia / part / "include", 12});
      }
    } else {
      AddToolkit(&candidates, nvidia / ("cu" + std::to_string(nvrtc.major())), nvrtc.major());
    }
  }
  return candidates;
}

CudaIncludeDirs Search(const Nvrtc& nvrtc, const std::string& site_packages, bool* complete) {
  CudaIncludeDirs found;
  bool has[std::size(kParts)] = {};
  std::error_code ignored;
  for (const Candidate& candidate : Candidates(nvrtc, site_packages)) {
    // From CUDA 13 on CCCL has a folder of its own.
    for (const fs::path& folder : {candidate.folder, candidate.folder / "cccl"}) {
      if (folder == candidate.folder) found.looked_at.push_back(folder);
      if (!fs::is_directory(folder, ignored) || MajorOf(candidate) != nvrtc.major()) continue;
      bool useful = false;
      for (size_t i = 0; i < std::size(kParts); ++i) {
        if (has[i] || !fs::exists(folder / kParts[i], ignored)) continue;
        has[i] = useful = true;
      }
      if (useful) found.folders.push_back(folder);
    }
  }
  *complete = std::all_of(std::begin(has), std::end(has), [](bool part) { return part; });
  return found;
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace

CudaIncludeDirs FindCudaIncludeDirs(const Nvrtc& nvrtc, const std::string& site_packages) {
  static std::mutex* const kMutex = new std::mutex;
  static auto* const kFound = new std::map<std::string, CudaIncludeDirs>;
  const std::string key = nvrtc.path() + '\n' + FolderVariables() + site_packages;
  const std::lock_guard<std::mutex> lock(*kMutex);
  const auto remembered = kFound->find(key);
  if (remembered != kFound->end()) return remembered->second;
  bool complete = false;
  CudaIncludeDirs found = Search(nvrtc, site_packages, &complete);
  if (complete) kFound->emplace(key, found);
  return found;
}

std::string WhereToGet(std::string_view name, int major) {
  const std::string suffix = major == 12 ? "-cu12" : "";
  std::string wheel;
  if (IsOneOf(name, {"cub/", "thrust/", "cuda/", "nv/"})) {
    wheel = "nvidia-cuda-cccl" + suffix;
  } else if (IsOneOf(name, {"crt/"})) {
    wheel = major == 12 ? "nvidia-cuda-nvcc-cu12" : "nvidia-cuda-crt";
  } else if (IsOneOf(name, {"curand"})) {
    wheel = "nvidia-curand" + suffix;
  } else if (IsOneOf(name, {"cuda", "cooperative_groups", "mma.h", "sm_", "vector_", "texture_",
                            "surface_", "device_", "driver_", "channel_", "builtin_types",
                            "math_constants", "library_types", "cuComplex"})) {
    wheel = "nvidia-cuda-runtime" + suffix;
  }
  if (wheel.empty()) return wheel;
  const std::string version = std::to_string(major);
  return "it comes with the wheel " + wheel + " (pip install \"" + wheel +
         (suffix.empty() ? "==" + version + ".*" : "") + "\") and with the toolkit of CUDA " +
         version + ", which $CUDA_HOME may name";
}

}  // namespace kiln::jit
