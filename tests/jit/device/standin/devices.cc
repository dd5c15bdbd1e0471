// The stand-in's devices and contexts.

#include <algorithm>
#include <cstring>
#include <string>

#include "tests/jit/device/standin/functions.h"
#include "tests/jit/device/standin/machine.h"

namespace standin {
namespace {

// What a device answers where nothing else is said: those of an A100.
int AttributeOf(int attribute, int architecture) {
  switch (attribute) {
    case 1:  // threads of a block
    case 2:  // its x
    case 3:  // its y
      return 1024;
    case 4:  // its z
      return 64;
    case 5:  // a grid's x
      return 2147483647;
    case 6:
    case 7:
      return 65535;
    case 8:  // shared memory of a block
      return kMaxDynamicShared;
    case 10:  // threads of a warp
      return 32;
    case 16:  // multiprocessors
      return 108;
    case 39:  // threads of a multiprocessor
      return 2048;
    case 41:   // unified addressing
    case 95:   // cooperative launches
    case 115:  // memory pools
      return 1;
    case 75:
      return architecture / 10;
    case 76:
      return architecture % 10;
    case 97:  // shared memory of a block that asks for it
      return architecture >= 90 ? 232448 : 166912;
    default:
      return 0;
  }
}

bool IsDevice(int device) {
  return device >= 0 && static_cast<size_t>(device) < Machine::Get().devices.size();
}

}  // namespace

int cuInit(unsigned /*flags*/) {
  const int status = Machine::Get().Initialize();
  const int failure = Machine::Get().Enter("cuInit");
  return failure != kOk ? failure : status;
}

int cuDriverGetVersion(int* version) {
  Machine::Get().Initialize();
  *version = Machine::Get().version();
  return kOk;
}

int cuGetErrorName(int /*error*/, const char** name) {
  *name = "CUDA_ERROR_OF_THE_STANDIN";
  return kOk;
}

int cuDeviceGetCount(int* count) {
  if (!Machine::Get().initialized()) return kNotInitialized;
  *count = static_cast<int>(Machine::Get().devices.size());
  return Machine::Get().Enter("cuDeviceGetCount");
}

int cuDeviceGet(int* device, int ordinal) {
  if (!IsDevice(ordinal)) return kInvalidDevice;
  *device = ordinal;
  return Machine::Get().Enter("cuDeviceGet", std::to_string(ordinal));
}

int cuDeviceGetName(char* name, int size, int device) {
  if (!IsDevice(device)) return kInvalidDevice;
  const std::string text =
      "Stand-in sm_" + std::to_string(Machine::Get().devices[device].architecture);
  std::strncpy(name, text.c_str(), static_cast<size_t>(size));
  return kOk;
}

int cuDeviceGetAttribute(int* value, int attribute, int device) {
  if (value == nullptr) return kInvalidValue;
  if (!IsDevice(device)) return kInvalidDevice;
  *value = AttributeOf(attribute, Machine::Get().devices[device].architecture);
  return kOk;
}

int cuDeviceGetUuid(char* uuid, int device) {
  if (!IsDevice(device)) return kInvalidDevice;
  std::memset(uuid, device + 1, 16);
  return kOk;
}

int cuDeviceTotalMem(size_t* bytes, int device) {
  if (!IsDevice(device)) return kInvalidDevice;
  *bytes = size_t{40} << 30;
  return kOk;
}

int cuDeviceCanAccessPeer(int* can, int device, int peer) {
  if (!IsDevice(device) || !IsDevice(peer)) return kInvalidDevice;
  *can = device != peer ? 1 : 0;
  return kOk;
}

int cuDevicePrimaryCtxRetain(void** context, int device) {
  if (!IsDevice(device)) return kInvalidDevice;
  Machine& machine = Machine::Get();
  const int failure = machine.Enter("cuDevicePrimaryCtxRetain", std::to_string(device));
  if (failure != kOk) return failure;
  const std::lock_guard guard(machine.lock);
  ++machine.devices[device].retained;
  *context = &machine.devices[device].primary;
  return kOk;
}

int cuCtxGetCurrent(void** context) {
  *context = CurrentContext();
  return kOk;
}

int cuCtxSetCurrent(void* context) {
  auto* const made = static_cast<Context*>(context);
  const int failure = Machine::Get().Enter("cuCtxSetCurrent",
                                           made == nullptr ? "none" : std::to_string(made->device));
  if (failure == kOk) CurrentContext() = made;
  return failure;
}

int cuCtxGetDevice(int* device) {
  if (CurrentContext() == nullptr) return kInvalidContext;
  *device = CurrentContext()->device;
  return kOk;
}

int cuCtxSynchronize() {
  if (CurrentContext() == nullptr) return kInvalidContext;
  return Machine::Get().Enter("cuCtxSynchronize", std::to_string(CurrentContext()->device));
}

int cuCtxSetLimit(int limit, size_t value) {
  return Machine::Get().Enter("cuCtxSetLimit", std::to_string(limit) + " " + std::to_string(value));
}

int cuCtxGetLimit(size_t* value, int limit) {
  *value = size_t{1024} * static_cast<size_t>(limit + 1);
  return kOk;
}

int cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  *least = 0;
  *greatest = -5;
  return kOk;
}

int cuCtxEnablePeerAccess(void* peer, unsigned /*flags*/) {
  return Machine::Get().Enter("cuCtxEnablePeerAccess",
                              std::to_string(static_cast<Context*>(peer)->device));
}

}  // namespace standin
