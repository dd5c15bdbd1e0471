#include "jit/compile/cuda/device_headers.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <string_view>

#include "jit/compile/embedded_file.h"

namespace kiln::jit {
namespace {

namespace fs = std::filesystem;

// What stands for a header that the installed one must not replace.
constexpr std::string_view kBetterThanInstalled[] = {"cub/cub.cuh"};

// The headers in which CCCL defines the integer types: of version 3, and of version 2.
constexpr const char* kIntegerHeaders[] = {"cuda/std/cstdint", "cuda/std/__cuda/cstdint_prelude.h"};

bool IsInFolder(std::string_view name, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    std::error_code ignored;
    return fs::exists(fs::path(folder) / name, ignored);
  });
}

bool IsEmbedded(std::string_view name) {
  const auto embedded = EmbeddedDeviceHeaders();
  return std::any_of(embedded.begin(), embedded.end(),
                     [&](const EmbeddedFile& file) { return file.path == name; });
}

bool IsLeftOut(const std::string& name, const std::vector<std::string>& cuda_folders) {
  return std::find(std::begin(kBetterThanInstalled), std::end(kBetterThanInstalled), name) ==
             std::end(kBetterThanInstalled) &&
         IsInFolder(name, cuda_folders);
}

// `text`, one of kIntegerHeaders, as it reads for a compiler that has <cstdint>: the line before
// its #include, a condition, becomes true. Empty where the text has no such place.
std::string WithCstdint(std::string text) {
  const size_t include = text.find("#  include <cstdint>");
  if (include == std::string::npos || include == 0) return {};
  const size_t condition = text.rfind('\n', include - 2) + 1;
  if (text.compare(condition, 4, "#if ") != 0) return {};
  return text.replace(condition, include - 1 - condition, "#if 1");
}

// CCCL makes int64_t a long long where NVRTC compiles, but the host and nvcc make it a long: the
// same kernel would have other names and other overloads on both sides. The headers of `folder`,
// changed to use <cstdint>, by name. Read once; kept for ever.
const std::map<std::string, std::string>& ChangedHeaders(const std::string& folder) {
  static std::mutex* const kMutex = new std::mutex;
  static auto* const kChanged = new std::map<std::string, std::map<std::string, std::string>>;
  const std::lock_guard<std::mutex> lock(*kMutex);
  const auto [place, is_new] = kChanged->try_emplace(folder);
  if (!is_new) return place->second;
  for (const char* name : kIntegerHeaders) {
    std::ifstream file(fs::path(folder) / name);
    std::string text = WithCstdint(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!text.empty()) place->second.emplace(name, std::move(text));
  }
  return place->second;
}

}  // namespace

NvrtcProgram::Headers DeviceHeaders(const DeviceSource& source,
                                    const std::vector<std::string>& cuda_folders) {
  NvrtcProgram::Headers headers;
  for (const auto& [name, text] : source.headers) headers.emplace_back(name.c_str(), text.c_str());
  for (const EmbeddedFile& file : EmbeddedDeviceHeaders()) {
    const std::string name(file.path);
    if (source.headers.contains(name) || IsLeftOut(name, cuda_folders)) continue;
    headers.emplace_back(file.path.data(), file.text.data());
  }
  for (const std::string& folder : cuda_folders) {
    for (const auto& [name, text] : ChangedHeaders(folder)) {
      if (!source.headers.contains(name)) headers.emplace_back(name.c_str(), text.c_str());
    }
  }
  return headers;
}

bool IsSystemHeader(std::string_view file, const DeviceSource& source,
                    const std::vector<std::string>& cuda_folders) {
  const std::string name(file);
  if (source.headers.contains(name)) return false;
  const bool is_changed = std::any_of(std::begin(kIntegerHeaders), std::end(kIntegerHeaders),
                                      [&](std::string_view header) { return header == file; });
  return is_changed || IsEmbedded(file) ||
         std::any_of(cuda_folders.begin(), cuda_folders.end(),
                     [&](const std::string& folder) { return name.starts_with(folder + "/"); });
}

bool IsSmallDeviceHeader(std::string_view name) {
  return IsEmbedded(name) &&
         std::find(std::begin(kBetterThanInstalled), std::end(kBetterThanInstalled), name) ==
             std::end(kBetterThanInstalled);
}

bool HasDeviceHeader(std::string_view name, const DeviceSource& source,
                     const std::vector<std::string>& cuda_folders) {
  return source.headers.contains(std::string(name)) || IsInFolder(name, source.include_dirs) ||
         IsInFolder(name, cuda_folders) || IsEmbedded(name);
}

}  // namespace kiln::jit
