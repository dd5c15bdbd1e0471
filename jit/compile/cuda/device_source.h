#ifndef KILN_JIT_COMPILE_CUDA_DEVICE_SOURCE_H_
#define KILN_JIT_COMPILE_CUDA_DEVICE_SOURCE_H_

#include <string>
#include <vector>

#include "jit/artifact/compile_options.h"

namespace kiln::jit {

// The device part of a CUDA source: what NVRTC can read, with no host code in it.
struct DeviceSource {
  std::string name;  // what messages call it
  std::string text;
  TextMap headers;                        // the name that #include asks for, and the text
  std::vector<std::string> include_dirs;  // searched after `headers`, in order
  std::vector<std::string> defines;       // each NAME or NAME=VALUE
  // Kernels, __device__ and __constant__ variables whose names in the device code are wanted, as
  // constant expressions: "k", "&table", "(void(*)(float*))(ns::scale<float>)". Templates are
  // instantiated.
  std::vector<std::string> name_expressions;
  std::string standard;  // "c++20" and so on; c++17 where it is empty
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_DEVICE_SOURCE_H_
