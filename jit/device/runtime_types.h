#ifndef KILN_JIT_DEVICE_RUNTIME_TYPES_H_
#define KILN_JIT_DEVICE_RUNTIME_TYPES_H_

#include <cstddef>

#include "jit/compile/clang/headers/cuda/runtime_structs.h"
#include "jit/device/device.h"

// The structs of CUDA's runtime API that compiled code passes by address.
namespace kiln::jit {

using DeviceProperties = ::cudaDeviceProp;
static_assert(sizeof(DeviceProperties) == 1008);
using FunctionAttributes = ::cudaFuncAttributes;
static_assert(sizeof(FunctionAttributes) == 144);
using PointerAttributes = ::cudaPointerAttributes;
static_assert(sizeof(PointerAttributes) == 88);

// cudaLaunchConfig_t.
struct RuntimeLaunchConfig {
  Dim3 grid;
  Dim3 block;
  size_t shared_bytes;
  void* stream;
  const LaunchAttribute* attributes;
  unsigned attribute_count;
};
static_assert(sizeof(RuntimeLaunchConfig) == 56);

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_RUNTIME_TYPES_H_
