#ifndef KILN_JIT_COMPILE_CUDA_CUDA_INCLUDE_DIRS_H_
#define KILN_JIT_COMPILE_CUDA_CUDA_INCLUDE_DIRS_H_

#include <string>
#include <string_view>
#include <vector>

#include "jit/compile/cuda/nvrtc.h"

namespace kiln::jit {

// Where the headers of CUDA's own are that device code may include.
struct CudaIncludeDirs {
  std::vector<std::string> folders;    // in the order of search; empty where there are none
  std::vector<std::string> looked_at;  // every folder that was tried
};

// Finds the headers that belong to `nvrtc`'s major version: those of the runtime (cuda_fp16.h,
// cooperative_groups.h, ...), of the compiler (crt/) and of CCCL (cub/, cuda/std/, thrust/), each
// from the first place that has it. The places are those beside the library itself, CUDA toolkits,
// and wheels, as FindNvrtc orders them. Remembered where all three were found.
CudaIncludeDirs FindCudaIncludeDirs(const Nvrtc& nvrtc, const std::string& site_packages);

// What to do about the header `name`, which was not found: the wheel that has it; empty where it is
// none of CUDA's.
std::string WhereToGet(std::string_view name, int major);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_CUDA_INCLUDE_DIRS_H_
