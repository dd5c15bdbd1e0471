#include "jit/device/cuda/cuda_device.h"

namespace kiln::jit::cuda {

std::unique_ptr<CudaDevice> CudaDevice::Make(const DriverApi& api, int ordinal, Status* status) {
  std::unique_ptr<CudaDevice> device(new CudaDevice(api));
  *status = device->Describe(ordinal);
  if (*status != kSuccess) device = nullptr;
  return device;
}

Status CudaDevice::Describe(int ordinal) {
  ordinal_ = ordinal;
  target_.api = &api_;
  if (const int status = api_.device_get(&target_.handle, ordinal); status != 0) {
    return Status(status);
  }
  int major = 0;
  int minor = 0;
  int threads = 0;
  int shared = 0;
  int extents[6] = {};  // of a block, then of a grid
  struct Wanted {
    int attribute;
    int* value;
  };
  const Wanted wanted[] = {
      {kDeviceComputeCapabilityMajor, &major}, {kDeviceComputeCapabilityMinor, &minor},
      {kDeviceMaxThreadsPerBlock, &threads},   {kDeviceMaxSharedPerBlockOptin, &shared},
      {kDeviceMaxBlockX, &extents[0]},         {kDeviceMaxBlockX + 1, &extents[1]},
      {kDeviceMaxBlockX + 2, &extents[2]},     {kDeviceMaxGridX, &extents[3]},
      {kDeviceMaxGridX + 1, &extents[4]},      {kDeviceMaxGridX + 2, &extents[5]}};
  for (const auto& [attribute, value] : wanted) {
    if (const Status status = Attribute(attribute, value); status != kSuccess) return status;
  }
  const auto dim = [&extents](int at) {
    return Dim3{static_cast<unsigned>(extents[at]), static_cast<unsigned>(extents[at + 1]),
                static_cast<unsigned>(extents[at + 2])};
  };
  limits_ = {static_cast<unsigned>(threads), dim(0), dim(3), static_cast<size_t>(shared)};
  target_.architecture = major * 10 + minor;
  description_ =
      "device " + std::to_string(ordinal) + " (sm_" + std::to_string(target_.architecture) + ")";
  target_.description = description_;
  return kSuccess;
}

Status CudaDevice::PrimaryContext(Context* context) {
  *context = primary_context_.load(std::memory_order_acquire);
  if (*context != nullptr) return kSuccess;
  const std::lock_guard lock(retain_);
  *context = primary_context_.load(std::memory_order_relaxed);
  if (*context != nullptr) return kSuccess;
  const auto status = Status(api_.primary_context_retain(context, target_.handle));
  if (status == kSuccess) primary_context_.store(*context, std::memory_order_release);
  return status;
}

Status CudaDevice::Attribute(int attribute, int* value) {
  return Status(api_.device_attribute(value, attribute, target_.handle));
}
Status CudaDevice::Name(std::span<char> name) {
  return Status(api_.device_name(name.data(), static_cast<int>(name.size()), target_.handle));
}
Status CudaDevice::Uuid(std::span<char, 16> uuid) {
  return Status(api_.device_uuid(uuid.data(), target_.handle));
}
Status CudaDevice::TotalMemory(size_t* bytes) {
  return Status(api_.device_memory(bytes, target_.handle));
}
Status CudaDevice::MemoryInfo(size_t* free, size_t* total) {
  return Status(api_.memory_info(free, total));
}
Status CudaDevice::SetLimit(int limit, size_t value) {
  return Status(api_.context_set_limit(limit, value));
}
Status CudaDevice::GetLimit(int limit, size_t* value) {
  return Status(api_.context_get_limit(value, limit));
}
Status CudaDevice::PriorityRange(int* least, int* greatest) {
  return Status(api_.context_priority_range(least, greatest));
}
Status CudaDevice::CanAccessPeer(const Device& peer, int* can) {
  return Status(api_.device_can_access_peer(can, target_.handle,
                                            static_cast<const CudaDevice&>(peer).handle()));
}
Status CudaDevice::EnablePeerAccess(Device& peer, unsigned flags) {
  Context context = nullptr;
  const Status status = static_cast<CudaDevice&>(peer).PrimaryContext(&context);
  if (status != kSuccess) return status;
  return Status(api_.context_enable_peer_access(context, flags));
}
Status CudaDevice::Synchronize() { return Status(api_.context_synchronize()); }

Status CudaDevice::Allocate(size_t bytes, void** pointer) {
  return Status(api_.allocate(pointer, bytes));
}
Status CudaDevice::Free(void* pointer) { return Status(api_.free(pointer)); }
Status CudaDevice::AllocateAsync(size_t bytes, void* stream, void** pointer) {
  return Status(api_.allocate_async(pointer, bytes, stream));
}
Status CudaDevice::FreeAsync(void* pointer, void* stream) {
  return Status(api_.free_async(pointer, stream));
}
Status CudaDevice::AllocateHost(size_t bytes, unsigned flags, void** pointer) {
  return Status(api_.allocate_host(pointer, bytes, flags));
}
Status CudaDevice::FreeHost(void* pointer) { return Status(api_.free_host(pointer)); }
Status CudaDevice::AllocateManaged(size_t bytes, unsigned flags, void** pointer) {
  return Status(api_.allocate_managed(pointer, bytes, flags));
}
Status CudaDevice::Copy(void* to, const void* from, size_t bytes) {
  return Status(api_.copy(to, const_cast<void*>(from), bytes));
}
Status CudaDevice::CopyAsync(void* to, const void* from, size_t bytes, void* stream) {
  return Status(api_.copy_async(to, const_cast<void*>(from), bytes, stream));
}
Status CudaDevice::Fill(void* to, unsigned char value, size_t bytes) {
  return Status(api_.fill(to, value, bytes));
}
Status CudaDevice::FillAsync(void* to, unsigned char value, size_t bytes, void* stream) {
  return Status(api_.fill_async(to, value, bytes, stream));
}

// The driver refuses every question about an address that CUDA does not know: that is an answer.
Status CudaDevice::PlaceOf(const void* pointer, Place* place) {
  constexpr int kManaged = 3;
  void* const address = const_cast<void*>(pointer);
  *place = {};
  unsigned type = 0;
  const auto status = Status(api_.pointer_attribute(&type, kPointerMemoryType, address));
  if (status == kInvalidValue) {
    place->host_pointer = address;
    return kSuccess;
  }
  if (status != kSuccess) return status;
  unsigned managed = 0;
  api_.pointer_attribute(&managed, kPointerIsManaged, address);
  place->memory_type = managed != 0 ? kManaged : static_cast<int>(type);
  api_.pointer_attribute(&place->device, kPointerDeviceOrdinal, address);
  // Each of these fails where that side does not see the memory.
  if (api_.pointer_attribute(static_cast<void*>(&place->device_pointer), kPointerDevicePointer,
                             address) != 0) {
    place->device_pointer = nullptr;
  }
  if (api_.pointer_attribute(static_cast<void*>(&place->host_pointer), kPointerHostPointer,
                             address) != 0) {
    place->host_pointer = nullptr;
  }
  return kSuccess;
}

Status CudaDevice::MakeStream(unsigned flags, int priority, void** stream) {
  return Status(api_.stream_create(stream, flags, priority));
}
Status CudaDevice::DestroyStream(void* stream) { return Status(api_.stream_destroy(stream)); }
Status CudaDevice::SynchronizeStream(void* stream) {
  return Status(api_.stream_synchronize(stream));
}
Status CudaDevice::QueryStream(void* stream) { return Status(api_.stream_query(stream)); }
Status CudaDevice::WaitForEvent(void* stream, void* event, unsigned flags) {
  return Status(api_.stream_wait_event(stream, event, flags));
}
Status CudaDevice::MakeEvent(unsigned flags, void** event) {
  return Status(api_.event_create(event, flags));
}
Status CudaDevice::DestroyEvent(void* event) { return Status(api_.event_destroy(event)); }
Status CudaDevice::RecordEvent(void* event, void* stream) {
  return Status(api_.event_record(event, stream));
}
Status CudaDevice::QueryEvent(void* event) { return Status(api_.event_query(event)); }
Status CudaDevice::SynchronizeEvent(void* event) { return Status(api_.event_synchronize(event)); }
Status CudaDevice::ElapsedTime(void* start, void* end, float* milliseconds) {
  return Status(api_.event_elapsed_time(milliseconds, start, end));
}

}  // namespace kiln::jit::cuda
