#include "jit/compile/cuda/device_headers.h"

#include <algorithm>
#include <filesystem>

#include "jit/compile/embedded_file.h"

namespace kiln::jit {
namespace {

bool IsInFolder(std::string_view name, const std::vector<std::string>& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::path(folder) / name, ignored);
  });
}

}  // namespace

NvrtcProgram::Headers DeviceHeaders(const DeviceSource& source,
                                    const std::vector<std::string>& cuda_folders) {
  NvrtcProgram::Headers headers;
  for (const auto& [name, text] : source.headers) headers.emplace_back(name.c_str(), text.c_str());
  for (const EmbeddedFile& file : EmbeddedDeviceHeaders()) {
    const std::string name(file.path);
    if (source.headers.contains(name) || IsInFolder(name, cuda_folders)) continue;
    headers.emplace_back(file.path.data(), file.text.data());
  }
  return headers;
}

}  // namespace kiln::jit
