#ifndef KILN_TESTS_KERNELS_KERNELS_H_
#define KILN_TESTS_KERNELS_KERNELS_H_

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>

#include "kiln/error.h"
#include "kiln/tensor.h"

namespace kiln::testing {

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("RuntimeError", "can't read '" + path + "'");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The C source of a kernel: KernelSource("axpy").
inline std::string KernelSource(const std::string& name) {
  return ReadFile(std::string(KILN_KERNEL_SOURCE_DIR "/") + name + ".c");
}

// What the build made of it: KernelFile("axpy.ll"), KernelFile("axpy.clang.O2.so").
inline std::string KernelFile(const std::string& file) {
  return std::string(KILN_KERNEL_BINARY_DIR "/") + file;
}

// A float32 tensor with values that are the same in every run and not round.
inline Tensor SampleTensor(std::initializer_list<int64_t> shape, uint32_t seed) {
  const Tensor tensor = Tensor::Empty(shape, DataTypeOf<float>());
  uint32_t state = seed * 2654435761u + 1;
  for (float& element : tensor.elements<float>()) {
    state = state * 1664525u + 1013904223u;
    element = static_cast<float>(state >> 8) / 16777216.0f - 0.5f;
  }
  return tensor;
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_KERNELS_KERNELS_H_
