#include "jit/device/cuda/find_driver.h"

#include <dlfcn.h>

#include <cstdlib>
#include <utility>

namespace kiln::jit {
namespace {

std::vector<GpuDescription> DescribeGpus(const cuda::DriverApi& api) {
  std::vector<GpuDescription> gpus;
  int count = 0;
  if (api.init(0) != 0 || api.device_count(&count) != 0) return gpus;
  for (int device = 0; device < count; ++device) {
    char name[256] = "";
    int major = 0;
    int minor = 0;
    if (api.device_name(name, sizeof(name), device) != 0 ||
        api.device_attribute(&major, cuda::kDeviceComputeCapabilityMajor, device) != 0 ||
        api.device_attribute(&minor, cuda::kDeviceComputeCapabilityMinor, device) != 0) {
      continue;
    }
    gpus.push_back({name, std::to_string(major) + "." + std::to_string(minor)});
  }
  return gpus;
}

}  // namespace

std::string CudaVersionText(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

DriverLibrary OpenDriver() {
  DriverLibrary library;
  const char* const named = std::getenv("KILN_CUDA_DRIVER");
  const std::string name = named != nullptr && *named != '\0' ? named : "libcuda.so.1";
  library.looked_at.push_back(name);
  library.handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library.handle == nullptr) {
    const char* const failure = dlerror();
    library.failure = failure == nullptr ? name + " can't be opened" : failure;
    return library;
  }
  Dl_info found{};
  void* const init = dlsym(library.handle, "cuInit");
  library.path = init != nullptr && dladdr(init, &found) != 0 ? found.dli_fname : name;
  return library;
}

DriverSearch FindDriver() {
  DriverSearch search;
  DriverLibrary library = OpenDriver();
  search.looked_at = std::move(library.looked_at);
  if (library.handle == nullptr) return search;
  cuda::DriverApi api;
  api.Bind(library.handle);
  if (api.init == nullptr || api.driver_version == nullptr || api.device_count == nullptr ||
      api.device_name == nullptr || api.device_attribute == nullptr) {
    return search;
  }
  search.path = std::move(library.path);
  int version = 0;
  if (api.driver_version(&version) == 0) search.version = CudaVersionText(version);
  search.gpus = DescribeGpus(api);
  return search;
}

}  // namespace kiln::jit
