#ifndef KILN_JIT_COMPILE_CUDA_DEVICE_ARCHITECTURE_H_
#define KILN_JIT_COMPILE_CUDA_DEVICE_ARCHITECTURE_H_

#include <string>
#include <vector>

#include "jit/artifact/fat_binary.h"
#include "jit/compile/cuda/nvrtc.h"

namespace kiln::jit {

// The image, without its code, that a name asks for: "sm_90a" a cubin, "compute_90" PTX, "lto_90"
// LTO-IR. Throws ValueError, with the architectures that `nvrtc` has, for any other name and for
// one that it lacks.
DeviceImage ImageFor(const Nvrtc& nvrtc, const std::string& architecture);

// The ValueError for an architecture that `nvrtc` refuses.
[[noreturn]] void RefuseArchitecture(const Nvrtc& nvrtc, const std::string& architecture);

// What NVRTC is told to make `image`: "-arch=sm_90a"; "-arch=compute_90", "-dlto".
std::vector<std::string> ArchitectureOptions(const DeviceImage& image);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_DEVICE_ARCHITECTURE_H_
