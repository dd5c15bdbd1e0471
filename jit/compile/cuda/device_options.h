#ifndef KILN_JIT_COMPILE_CUDA_DEVICE_OPTIONS_H_
#define KILN_JIT_COMPILE_CUDA_DEVICE_OPTIONS_H_

#include <string>
#include <vector>

#include "jit/compile/cuda/device_source.h"
#include "jit/compile/cuda/nvrtc.h"

namespace kiln::jit {

// How to compile device code.
struct DeviceOptions {
  // "sm_90", "sm_90a" make cubins, "compute_90" PTX, "lto_90" LTO-IR. At least one.
  std::vector<std::string> architectures;
  int opt_level = 2;  // 0..3, of the assembler; from 2 on it does all that it can
  bool fast_math = false;
  int max_registers = 0;  // of a thread; 0: as many as the architecture has
  bool line_info = false;
  bool debug = false;              // code for a debugger, not optimised; includes line_info
  std::vector<std::string> flags;  // further options of NVRTC, each complete in one word
  std::string site_packages;  // a further folder in which wheels of CUDA's parts may be installed
};

// The options of NVRTC for all architectures, without those for include folders. Throws ValueError
// where an option is out of range, or where `options.flags` has one that another option says, or
// that would have NVRTC write files, stop early, or make code that can't be loaded by itself.
std::vector<std::string> NvrtcOptions(const Nvrtc& nvrtc, const DeviceSource& source,
                                      const DeviceOptions& options);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_DEVICE_OPTIONS_H_
