#ifndef KILN_TESTS_JIT_COMPILE_CUDA_DEVICE_H_
#define KILN_TESTS_JIT_COMPILE_CUDA_DEVICE_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "jit/compile/cuda/device_compiler.h"
#include "tests/jit/artifact/thrown.h"

namespace kiln::jit {

inline DeviceSource Source(std::string text, std::vector<std::string> names = {}) {
  DeviceSource source;
  source.name = "k.cu";
  source.text = std::move(text);
  source.name_expressions = std::move(names);
  return source;
}

inline DeviceOptions For(std::vector<std::string> architectures) {
  DeviceOptions options;
  options.architectures = std::move(architectures);
  return options;
}

inline DeviceCode Compile(std::string text, std::vector<std::string> names = {},
                          const DeviceOptions& options = For({"sm_90"})) {
  return CompileDevice(Source(std::move(text), std::move(names)), options);
}

inline Thrown ErrorOf(std::string text, const DeviceOptions& options = For({"sm_90"})) {
  return ThrownBy([&] { Compile(std::move(text), {}, options); });
}

template <class Integer>
Integer ReadAt(const std::string& bytes, size_t offset) {
  Integer value = 0;
  if (offset + sizeof(value) <= bytes.size()) {
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
  }
  return value;
}

// The architecture that a cubin says it is for; 0 where it is none.
inline int ArchitectureOf(const std::string& cubin) {
  constexpr uint16_t kMachineCuda = 190;
  if (!cubin.starts_with("\x7F"
                         "ELF") ||
      ReadAt<uint16_t>(cubin, 18) != kMachineCuda)
    return 0;
  const auto flags = ReadAt<uint32_t>(cubin, 48);
  // From version 8 of its ABI on it stands a byte higher.
  return static_cast<int>(ReadAt<uint8_t>(cubin, 8) >= 8 ? (flags >> 8) & 0xFF : flags & 0xFF);
}

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_COMPILE_CUDA_DEVICE_H_
