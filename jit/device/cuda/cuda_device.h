#ifndef KILN_JIT_DEVICE_CUDA_CUDA_DEVICE_H_
#define KILN_JIT_DEVICE_CUDA_CUDA_DEVICE_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "jit/device/cuda/cuda_code.h"
#include "jit/device/cuda/driver_api.h"
#include "jit/device/device.h"

namespace kiln::jit::cuda {

// A GPU, through the driver.
class CudaDevice : public Device {
 public:
  // Null, and `status` set, where the driver does not describe it.
  static std::unique_ptr<CudaDevice> Make(const DriverApi& api, int ordinal, Status* status);

  DeviceHandle handle() const { return target_.handle; }

  // The GPU's primary context, the one that the CUDA runtime and frameworks use. Retained on first
  // use and never released: others in the process may count on it.
  Status PrimaryContext(Context* context);

  std::unique_ptr<DeviceCode> Load(std::string_view fat_binary, const std::string& name,
                                   LoadFailure* failure) override {
    return CudaCode::Load(target_, fat_binary, name, failure);
  }

  Status Attribute(int attribute, int* value) override;
  Status Name(std::span<char> name) override;
  Status Uuid(std::span<char, 16> uuid) override;
  Status TotalMemory(size_t* bytes) override;
  Status MemoryInfo(size_t* free, size_t* total) override;
  Status SetLimit(int limit, size_t value) override;
  Status GetLimit(int limit, size_t* value) override;
  Status PriorityRange(int* least, int* greatest) override;
  Status CanAccessPeer(const Device& peer, int* can) override;
  Status EnablePeerAccess(Device& peer, unsigned flags) override;
  Status Synchronize() override;

  Status Allocate(size_t bytes, void** pointer) override;
  Status Free(void* pointer) override;
  Status AllocateAsync(size_t bytes, void* stream, void** pointer) override;
  Status FreeAsync(void* pointer, void* stream) override;
  Status AllocateHost(size_t bytes, unsigned flags, void** pointer) override;
  Status FreeHost(void* pointer) override;
  Status AllocateManaged(size_t bytes, unsigned flags, void** pointer) override;
  Status Copy(void* to, const void* from, size_t bytes) override;
  Status CopyAsync(void* to, const void* from, size_t bytes, void* stream) override;
  Status Fill(void* to, unsigned char value, size_t bytes) override;
  Status FillAsync(void* to, unsigned char value, size_t bytes, void* stream) override;
  Status PlaceOf(const void* pointer, Place* place) override;

  Status MakeStream(unsigned flags, int priority, void** stream) override;
  Status DestroyStream(void* stream) override;
  Status SynchronizeStream(void* stream) override;
  Status QueryStream(void* stream) override;
  Status WaitForEvent(void* stream, void* event, unsigned flags) override;
  Status MakeEvent(unsigned flags, void** event) override;
  Status DestroyEvent(void* event) override;
  Status RecordEvent(void* event, void* stream) override;
  Status QueryEvent(void* event) override;
  Status SynchronizeEvent(void* event) override;
  Status ElapsedTime(void* start, void* end, float* milliseconds) override;

 private:
  explicit CudaDevice(const DriverApi& api) : api_(api) {}
  Status Describe(int ordinal);

  const DriverApi& api_;
  Target target_{};
  std::mutex retain_;
  std::atomic<Context> primary_context_{nullptr};
};

}  // namespace kiln::jit::cuda

#endif  // KILN_JIT_DEVICE_CUDA_CUDA_DEVICE_H_
