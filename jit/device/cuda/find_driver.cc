#include "jit/device/cuda/find_driver.h"

#include <dlfcn.h>

namespace kiln::jit {
namespace {

// The driver API's device attributes for the two halves of the compute capability.
constexpr int kComputeCapabilityMajor = 75;
constexpr int kComputeCapabilityMinor = 76;

// The functions of the driver API that a description needs; CUDA's names, CUresult as int.
struct DriverApi {
  int (*init)(unsigned) = nullptr;
  int (*driver_get_version)(int*) = nullptr;
  int (*device_get_count)(int*) = nullptr;
  int (*device_get_name)(char*, int, int) = nullptr;
  int (*device_get_attribute)(int*, int, int) = nullptr;

  bool Bind(void* library) {
    return Bind(library, "cuInit", &init) &&
           Bind(library, "cuDriverGetVersion", &driver_get_version) &&
           Bind(library, "cuDeviceGetCount", &device_get_count) &&
           Bind(library, "cuDeviceGetName", &device_get_name) &&
           Bind(library, "cuDeviceGetAttribute", &device_get_attribute);
  }

 private:
  template <typename F>
  static bool Bind(void* library, const char* name, F* function) {
    *function = reinterpret_cast<F>(dlsym(library, name));
    return *function != nullptr;
  }
};

std::string VersionText(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::vector<GpuDescription> DescribeGpus(const DriverApi& api) {
  std::vector<GpuDescription> gpus;
  int count = 0;
  if (api.init(0) != 0 || api.device_get_count(&count) != 0) return gpus;
  for (int device = 0; device < count; ++device) {
    char name[256] = "";
    int major = 0;
    int minor = 0;
    if (api.device_get_name(name, sizeof(name), device) != 0 ||
        api.device_get_attribute(&major, kComputeCapabilityMajor, device) != 0 ||
        api.device_get_attribute(&minor, kComputeCapabilityMinor, device) != 0) {
      continue;
    }
    gpus.push_back({name, std::to_string(major) + "." + std::to_string(minor)});
  }
  return gpus;
}

}  // namespace

DriverSearch FindDriver() {
  DriverSearch search;
  search.looked_at.emplace_back("libcuda.so.1");
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return search;
  DriverApi api;
  if (!api.Bind(library)) return search;
  Dl_info info{};
  search.path =
      dladdr(reinterpret_cast<void*>(api.init), &info) != 0 ? info.dli_fname : search.looked_at[0];
  int version = 0;
  if (api.driver_get_version(&version) == 0) search.version = VersionText(version);
  search.gpus = DescribeGpus(api);
  return search;
}

}  // namespace kiln::jit
