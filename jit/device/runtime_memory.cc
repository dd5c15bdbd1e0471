// CUDA's runtime API: memory, copies and the variables of device code.

#include "jit/device/runtime_calls.h"

namespace kiln::jit::runtime {
namespace {

constexpr int kHostToDevice = 1;
constexpr int kDeviceToHost = 2;
constexpr int kDeviceToDevice = 3;
constexpr int kAnyDirection = 4;

// What makes an allocation. None of nothing is a null pointer, which the driver refuses.
template <typename Make>
Status Allocate(void** pointer, size_t bytes, Make&& make) {
  if (pointer == nullptr) return ThisThread().Record(kInvalidValue);
  return OnCurrentDevice([&](Device& device) {
    *pointer = nullptr;
    return bytes == 0 ? kSuccess : make(device);
  });
}

template <typename Release>
Status FreeUnlessNull(const void* pointer, Release&& release) {
  return OnCurrentDevice(
      [&](Device& device) { return pointer == nullptr ? kSuccess : release(device); });
}

template <typename Copy>
Status CopyUnlessEmpty(int kind, size_t bytes, Copy&& copy) {
  if (kind < 0 || kind > kAnyDirection) return ThisThread().Record(kInvalidCopyDirection);
  return OnCurrentDevice([&](Device& device) { return bytes == 0 ? kSuccess : copy(device); });
}

// Runs `use` with the address and the size of a variable on the current device.
template <typename Use>
Status WithSymbol(const void* symbol, Use&& use) {
  return OnCurrentDevice([&](Device& device) {
    const Variable* const variable = FindVariable(symbol);
    if (variable == nullptr) return kInvalidSymbol;
    LoadFailure failure;
    DeviceCode* const code = variable->code->On(device, variable->name, &failure);
    if (code == nullptr) return Tell(failure);
    void* address = nullptr;
    size_t size = 0;
    const Status status = code->FindVariable(variable->name, &address, &size);
    return status == kSuccess ? use(device, static_cast<char*>(address), size) : status;
  });
}

// The same for `bytes` of it, copied in a direction that CUDA allows there.
template <typename Use>
Status WithPartOfSymbol(const void* symbol, size_t bytes, size_t offset, int kind,
                        int only_other_kind, Use&& use) {
  if (kind != only_other_kind && kind != kDeviceToDevice && kind != kAnyDirection) {
    return ThisThread().Record(kInvalidCopyDirection);
  }
  return WithSymbol(symbol, [&](Device& device, char* address, size_t size) {
    if (offset > size || bytes > size - offset) return kInvalidValue;
    return bytes == 0 ? kSuccess : use(device, address + offset);
  });
}

}  // namespace

Status cudaMalloc(void** pointer, size_t bytes) {
  return Allocate(pointer, bytes, [&](Device& device) { return device.Allocate(bytes, pointer); });
}

Status cudaFree(void* pointer) {
  return FreeUnlessNull(pointer, [&](Device& device) { return device.Free(pointer); });
}

Status cudaMallocAsync(void** pointer, size_t bytes, void* stream) {
  return Allocate(pointer, bytes,
                  [&](Device& device) { return device.AllocateAsync(bytes, stream, pointer); });
}

Status cudaFreeAsync(void* pointer, void* stream) {
  return FreeUnlessNull(pointer, [&](Device& device) { return device.FreeAsync(pointer, stream); });
}

Status cudaMallocHost(void** pointer, size_t bytes) { return cudaHostAlloc(pointer, bytes, 0); }

Status cudaHostAlloc(void** pointer, size_t bytes, unsigned flags) {
  return Allocate(pointer, bytes,
                  [&](Device& device) { return device.AllocateHost(bytes, flags, pointer); });
}

Status cudaFreeHost(void* pointer) {
  return FreeUnlessNull(pointer, [&](Device& device) { return device.FreeHost(pointer); });
}

Status cudaMallocManaged(void** pointer, size_t bytes, unsigned flags) {
  if (bytes == 0) return ThisThread().Record(kInvalidValue);
  return Allocate(pointer, bytes,
                  [&](Device& device) { return device.AllocateManaged(bytes, flags, pointer); });
}

Status cudaMemGetInfo(size_t* free, size_t* total) {
  return OnCurrentDevice([&](Device& device) { return device.MemoryInfo(free, total); });
}

Status cudaMemcpy(void* to, const void* from, size_t bytes, int kind) {
  return CopyUnlessEmpty(kind, bytes, [&](Device& device) { return device.Copy(to, from, bytes); });
}

Status cudaMemcpyAsync(void* to, const void* from, size_t bytes, int kind, void* stream) {
  return CopyUnlessEmpty(kind, bytes,
                         [&](Device& device) { return device.CopyAsync(to, from, bytes, stream); });
}

Status cudaMemset(void* to, int value, size_t bytes) {
  return CopyUnlessEmpty(kAnyDirection, bytes, [&](Device& device) {
    return device.Fill(to, static_cast<unsigned char>(value), bytes);
  });
}

Status cudaMemsetAsync(void* to, int value, size_t bytes, void* stream) {
  return CopyUnlessEmpty(kAnyDirection, bytes, [&](Device& device) {
    return device.FillAsync(to, static_cast<unsigned char>(value), bytes, stream);
  });
}

Status cudaMemcpyToSymbol(const void* symbol, const void* from, size_t bytes, size_t offset,
                          int kind) {
  return WithPartOfSymbol(
      symbol, bytes, offset, kind, kHostToDevice,
      [&](Device& device, char* address) { return device.Copy(address, from, bytes); });
}

Status cudaMemcpyToSymbolAsync(const void* symbol, const void* from, size_t bytes, size_t offset,
                               int kind, void* stream) {
  return WithPartOfSymbol(symbol, bytes, offset, kind, kHostToDevice,
                          [&](Device& device, char* address) {
                            return device.CopyAsync(address, from, bytes, stream);
                          });
}

Status cudaMemcpyFromSymbol(void* to, const void* symbol, size_t bytes, size_t offset, int kind) {
  return WithPartOfSymbol(
      symbol, bytes, offset, kind, kDeviceToHost,
      [&](Device& device, char* address) { return device.Copy(to, address, bytes); });
}

Status cudaMemcpyFromSymbolAsync(void* to, const void* symbol, size_t bytes, size_t offset,
                                 int kind, void* stream) {
  return WithPartOfSymbol(
      symbol, bytes, offset, kind, kDeviceToHost,
      [&](Device& device, char* address) { return device.CopyAsync(to, address, bytes, stream); });
}

Status cudaGetSymbolAddress(void** address, const void* symbol) {
  if (address == nullptr) return ThisThread().Record(kInvalidValue);
  return WithSymbol(symbol, [address](Device&, char* found, size_t) {
    *address = found;
    return kSuccess;
  });
}

Status cudaGetSymbolSize(size_t* bytes, const void* symbol) {
  if (bytes == nullptr) return ThisThread().Record(kInvalidValue);
  return WithSymbol(symbol, [bytes](Device&, char*, size_t size) {
    *bytes = size;
    return kSuccess;
  });
}

Status cudaPointerGetAttributes(PointerAttributes* attributes, const void* pointer) {
  if (attributes == nullptr) return ThisThread().Record(kInvalidValue);
  return OnCurrentDevice([&](Device& device) {
    Device::Place place;
    const Status status = device.PlaceOf(pointer, &place);
    *attributes = {static_cast<cudaMemoryType>(place.memory_type),
                   place.device,
                   place.device_pointer,
                   place.host_pointer,
                   {}};
    return status;
  });
}

}  // namespace kiln::jit::runtime
