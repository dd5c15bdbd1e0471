#ifndef KILN_JIT_DEVICE_CUDA_CUDA_CODE_H_
#define KILN_JIT_DEVICE_CUDA_CUDA_CODE_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "jit/device/cuda/driver_api.h"
#include "jit/device/device.h"

namespace kiln::jit::cuda {

// The GPU that code is loaded for.
struct Target {
  const DriverApi* api;
  DeviceHandle handle;
  int architecture;         // ten times the compute capability
  std::string description;  // "device 0 (sm_80)"
};

// A library of the driver (CUlibrary): one image of a module, loaded for one GPU.
class CudaCode : public DeviceCode {
 public:
  // As Device::Load.
  static std::unique_ptr<DeviceCode> Load(const Target& target, std::string_view fat_binary,
                                          const std::string& name, LoadFailure* failure);

  CudaCode(const Target& target, Library library, std::string architecture)
      : target_(target), library_(library), architecture_(std::move(architecture)) {}
  ~CudaCode() override;
  CudaCode(const CudaCode&) = delete;
  CudaCode& operator=(const CudaCode&) = delete;

  std::unique_ptr<DeviceKernel> FindKernel(const std::string& name, const std::string& shown,
                                           LoadFailure* failure) override;
  Status FindVariable(const std::string& name, void** address, size_t* size) override;

 private:
  const Target target_;
  Library library_;
  const std::string architecture_;  // of the image: "sm_80"
};

}  // namespace kiln::jit::cuda

#endif  // KILN_JIT_DEVICE_CUDA_CUDA_CODE_H_
