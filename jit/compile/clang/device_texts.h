#ifndef KILN_JIT_COMPILE_CLANG_DEVICE_TEXTS_H_
#define KILN_JIT_COMPILE_CLANG_DEVICE_TEXTS_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace kiln::jit {

// The texts of a CUDA source that the device compiler reads: the source, and the user's own headers
// by the name by which they are included. What only the host can compile is blank in them, so that
// every other character stays in its line and column:
//  - functions that are neither __global__, __device__ nor constexpr, and the methods among them;
//  - variables, types, aliases and using-declarations that need such a thing, or a class of a
//  header
//    that the device compiler does not have;
//  - #include of headers that it does not have.
struct DeviceTexts {
  std::string source;
  std::map<std::string, std::string> headers;
};

// Whether the device compiler has a header of this name: "cuda_fp16.h", "cstdint".
using DeviceHasHeader = std::function<bool(std::string_view name)>;

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_DEVICE_TEXTS_H_
