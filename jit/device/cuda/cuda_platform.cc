// The GPUs of this machine, behind the driver of the process.

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "jit/device/cuda/cuda_device.h"
#include "jit/device/cuda/driver_api.h"
#include "jit/device/cuda/find_driver.h"
#include "jit/device/device.h"

namespace kiln::jit {
namespace {

using cuda::Context;
using cuda::CudaDevice;

// The device that the thread chose, current or not.
thread_local int chosen_device = 0;

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

class Cuda : public Platform {
 public:
  Cuda() { status_ = Open(); }

  Status Ready() override { return status_; }
  const std::string& absence() override { return absence_; }
  int version() override { return version_; }
  std::span<const std::unique_ptr<Device>> devices() override { return devices_; }

  Status Current(Device** device) override {
    if (status_ != kSuccess) return status_;
    cuda::DeviceHandle handle = 0;
    if (api_.context_get_device(&handle) != 0) {
      const Status status = Choose(chosen_device);
      if (status == kSuccess) *device = devices_[static_cast<size_t>(chosen_device)].get();
      return status;
    }
    *device = Find(handle);
    return *device == nullptr ? kInvalidDevice : kSuccess;
  }

  Status Choose(int ordinal) override {
    if (status_ != kSuccess) return status_;
    if (ordinal < 0 || static_cast<size_t>(ordinal) >= devices_.size()) return kInvalidDevice;
    Context context = nullptr;
    Status status = At(ordinal).PrimaryContext(&context);
    if (status == kSuccess) status = Status(api_.context_set_current(context));
    if (status == kSuccess) chosen_device = ordinal;
    return status;
  }

  Status Enter(Device& device, Visit* visit) override {
    *visit = {};
    cuda::DeviceHandle handle = 0;
    if (api_.context_get_device(&handle) == 0 && Find(handle) == &device) return kSuccess;
    Context context = nullptr;
    auto status = Status(api_.context_get_current(&visit->context));
    if (status == kSuccess) status = static_cast<CudaDevice&>(device).PrimaryContext(&context);
    if (status == kSuccess) status = Status(api_.context_set_current(context));
    visit->changed = status == kSuccess;
    return status;
  }

  void Leave(const Visit& visit) override {
    if (visit.changed) api_.context_set_current(visit.context);
  }

 private:
  CudaDevice& At(int ordinal) {
    return static_cast<CudaDevice&>(*devices_[static_cast<size_t>(ordinal)]);
  }

  // Drivers number handles as they do ordinals, so the first look finds it.
  Device* Find(cuda::DeviceHandle handle) {
    const auto guess = static_cast<size_t>(handle);
    if (guess < devices_.size() && At(handle).handle() == handle) return devices_[guess].get();
    for (const std::unique_ptr<Device>& device : devices_) {
      if (static_cast<CudaDevice&>(*device).handle() == handle) return device.get();
    }
    return nullptr;
  }

  Status Open() {
    const DriverLibrary library = OpenDriver();
    if (library.handle == nullptr) {
      absence_ = "there is no CUDA driver: looked for " + Join(library.looked_at) + " (" +
                 library.failure +
                 "); install NVIDIA's driver, or let KILN_CUDA_DRIVER name its file";
      return kInsufficientDriver;
    }
    const std::string missing = api_.Bind(library.handle);
    if (api_.driver_version != nullptr) api_.driver_version(&version_);
    if (!missing.empty()) {
      absence_ = "the CUDA driver " + library.path + " is too old: it serves CUDA " +
                 CudaVersionText(version_) + ", 12.0 is needed, and it lacks " + missing;
      return kInsufficientDriver;
    }
    int count = 0;
    auto status = Status(api_.init(0));
    if (status == kSuccess) status = Status(api_.device_count(&count));
    if (status == kSuccess && count == 0) status = kNoDevice;
    if (status != kSuccess) {
      absence_ = "the CUDA driver " + library.path + " finds no GPU: " + DriverName(status) + ", " +
                 Meaning(status);
      return status;
    }
    for (int ordinal = 0; ordinal < std::min(count, kMaxDevices); ++ordinal) {
      std::unique_ptr<CudaDevice> device = CudaDevice::Make(api_, ordinal, &status);
      if (device == nullptr) {
        devices_.clear();
        absence_ = "the CUDA driver " + library.path + " does not describe GPU " +
                   std::to_string(ordinal) + ": " + DriverName(status);
        return status;
      }
      devices_.push_back(std::move(device));
    }
    return kSuccess;
  }

  cuda::DriverApi api_;
  int version_ = 0;
  Status status_ = kSuccess;
  std::string absence_;
  std::vector<std::unique_ptr<Device>> devices_;
};

}  // namespace

Platform& CudaPlatform() {
  static auto* const platform = new Cuda();
  return *platform;
}

}  // namespace kiln::jit
