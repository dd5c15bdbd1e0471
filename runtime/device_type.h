// The type of a device that foreign memory tells of.
#ifndef KILN_RUNTIME_DEVICE_TYPE_H_
#define KILN_RUNTIME_DEVICE_TYPE_H_

#include <cstdint>
#include <cstring>

#include <tvm/ffi/c_api.h>

namespace kiln::runtime {

// As a number: it may be one that the enumeration does not have.
inline int32_t DeviceTypeOf(const DLDevice& device) noexcept {
  int32_t type = 0;
  static_assert(sizeof(type) == sizeof(device.device_type));
  std::memcpy(&type, &device.device_type, sizeof(type));
  return type;
}

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_DEVICE_TYPE_H_
