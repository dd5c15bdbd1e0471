#ifndef KILN_JIT_DEVICE_CUDA_FIND_DRIVER_H_
#define KILN_JIT_DEVICE_CUDA_FIND_DRIVER_H_

#include <string>
#include <vector>

#include "jit/device/cuda/driver_api.h"

namespace kiln::jit {

// The CUDA driver as a library of this process. KILN_CUDA_DRIVER names the one that is opened;
// where it is not set, libcuda.so.1 is, as the dynamic linker finds it.
struct DriverLibrary {
  void* handle = nullptr;              // of dlopen; null if there is none
  std::string path;                    // empty if there is none
  std::vector<std::string> looked_at;  // every name that was tried, in order
  std::string failure;                 // what the dynamic linker said to the last of them
};

// Opens it; it stays open. Any thread may call it.
DriverLibrary OpenDriver();

struct GpuDescription {
  std::string name;                // "NVIDIA H100 80GB HBM3"
  std::string compute_capability;  // "9.0"
};

// Where the CUDA driver is, and what it drives.
struct DriverSearch {
  std::string path;                    // of the driver; empty if there is none
  std::string version;                 // the newest CUDA that it serves, "13.0"
  std::vector<std::string> looked_at;  // every name that was tried, in order
  std::vector<GpuDescription> gpus;    // none without a working GPU
};

// Opens the driver and asks it for its GPUs. Makes no context. Any thread may call it.
DriverSearch FindDriver();

// "13.0" for 13000.
std::string CudaVersionText(int version);

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_CUDA_FIND_DRIVER_H_
