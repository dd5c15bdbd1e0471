#ifndef KILN_JIT_DEVICE_CUDA_FIND_DRIVER_H_
#define KILN_JIT_DEVICE_CUDA_FIND_DRIVER_H_

#include <string>
#include <vector>

namespace kiln::jit {

struct GpuDescription {
  std::string name;                // "NVIDIA H100 80GB HBM3"
  std::string compute_capability;  // "9.0"
};

// Where the CUDA driver is, and what it drives.
struct DriverSearch {
  std::string path;                    // of libcuda.so.1; empty if there is none
  std::string version;                 // the newest CUDA that it serves, "13.0"
  std::vector<std::string> looked_at;  // every name that was tried, in order
  std::vector<GpuDescription> gpus;    // none without a working GPU
};

// Opens the driver and asks it for its GPUs. Makes no context. Any thread may call it.
DriverSearch FindDriver();

}  // namespace kiln::jit

#endif  // KILN_JIT_DEVICE_CUDA_FIND_DRIVER_H_
