#ifndef KILN_JIT_DEVICE_RUNTIME_API_H_
#define KILN_JIT_DEVICE_RUNTIME_API_H_

#include <span>
#include <string_view>
#include <utility>

namespace kiln::jit {

// What compiled CUDA host code may call of the engine, by name: the functions of CUDA's runtime
// API, those that Clang calls for registration and launches (`__cudaRegisterFunction` and so on,
// `__kiln_launch_kernel`), and what wraps kernels that are called as functions (bare_launch.h).
// They mean what CUDA says, on the devices of CudaPlatform(), with these differences:
//   cudaDeviceReset waits for the device and destroys nothing, as others in the process use it;
//   cudaRuntimeGetVersion tells the version whose headers compiled code sees.
// Without a driver or a GPU all but the registration fail with cudaErrorInsufficientDriver or
// cudaErrorNoDevice. The span lives as long as the process.
std::span<const std::pair<std::string_view, void*>> RuntimeSymbols();

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_RUNTIME_API_H_
