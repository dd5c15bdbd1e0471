#include "jit/doctor.h"

#include <dlfcn.h>

#include <nlohmann/json.hpp>

#include <tvm/ffi/c_api.h>

#include "jit/compile/cuda/find_nvrtc.h"
#include "jit/compile/llvm/host_target.h"
#include "jit/device/cuda/find_driver.h"

namespace kiln::jit {
namespace {

using Json = nlohmann::ordered_json;

std::string FileOf(const void* address) {
  Dl_info info{};
  return dladdr(address, &info) != 0 ? info.dli_fname : "unknown";
}

std::string AbiVersion() {
  TVMFFIVersion version{};
  TVMFFIGetVersion(&version);
  return std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         std::to_string(version.patch);
}

Json NvrtcReport() {
  const NvrtcSearch nvrtc = FindNvrtc();
  const bool found = !nvrtc.path.empty();
  return {{"found", found},
          {"path", nvrtc.path},
          {"version", found ? std::to_string(nvrtc.major) + "." + std::to_string(nvrtc.minor) : ""},
          {"looked_at", nvrtc.looked_at}};
}

}  // namespace

std::string DoctorReport() {
  const DriverSearch driver = FindDriver();
  Json gpus = Json::array();
  for (const GpuDescription& gpu : driver.gpus) {
    gpus.push_back({{"name", gpu.name}, {"compute_capability", gpu.compute_capability}});
  }
  const Json report = {
      {"kiln", KILN_VERSION},
      {"abi", AbiVersion()},
      {"llvm", KILN_LLVM_VERSION},
      {"clang", KILN_CLANG_VERSION},
      {"triple", HostTarget().triple},
      {"cpu", HostTarget().cpu},
      {"runtime", FileOf(reinterpret_cast<const void*>(&TVMFFIGetVersion))},
      {"engine", FileOf(reinterpret_cast<const void*>(&DoctorReport))},
      {"nvrtc", NvrtcReport()},
      {"driver",
       {{"found", !driver.path.empty()},
        {"path", driver.path},
        {"version", driver.version},
        {"looked_at", driver.looked_at}}},
      {"gpus", gpus},
      {"cache",
       {{"kind", "none"},
        {"text", "compiled code lives as long as its module; nothing is kept on disk"}}},
  };
  return report.dump(2);
}

}  // namespace kiln::jit
