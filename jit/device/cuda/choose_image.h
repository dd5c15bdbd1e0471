#ifndef KILN_JIT_DEVICE_CUDA_CHOOSE_IMAGE_H_
#define KILN_JIT_DEVICE_CUDA_CHOOSE_IMAGE_H_

#include <string>
#include <vector>

#include "jit/artifact/fat_binary.h"

namespace kiln::jit::cuda {

// The image among `images` that a GPU of that architecture (ten times its compute capability) runs
// best, or null where it runs none. In this order:
//   a cubin made for just this architecture, the most special first: sm_90a, sm_90f, sm_90;
//   a cubin for the same major and an older minor version, the newest first, those with suffix "a"
//   left out;
//   PTX for this architecture or an older one, the newest first; with suffix "a" for this one
//   alone, with "f" for the same major version.
// LTO-IR is nothing that a driver loads.
const DeviceImage* ChooseImage(const std::vector<DeviceImage>& images, int architecture);

// What there is: "sm_80, sm_90a, compute_90"; "none" where there is nothing.
std::string ListArchitectures(const std::vector<DeviceImage>& images);

}  // namespace kiln::jit::cuda

#endif  // KILN_JIT_DEVICE_CUDA_CHOOSE_IMAGE_H_
