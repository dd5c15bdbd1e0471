#ifndef KILN_JIT_COMPILE_CUDA_DEVICE_COMPILER_H_
#define KILN_JIT_COMPILE_CUDA_DEVICE_COMPILER_H_

#include <map>
#include <string>
#include <vector>

#include "jit/artifact/diagnostic.h"
#include "jit/artifact/fat_binary.h"
#include "jit/compile/cuda/device_options.h"
#include "jit/compile/cuda/device_source.h"

namespace kiln::jit {

// What a device source compiles to.
struct DeviceCode {
  std::vector<DeviceImage> images;  // one for each of DeviceOptions::architectures, in their order
  // The name in the device code of each of DeviceSource::name_expressions; the same in all images.
  std::map<std::string, std::string> lowered_names;
  std::vector<Diagnostic> diagnostics;  // warnings and remarks, each once
};

// Compiles `source` by NVRTC, for all architectures at once, in as many threads as there are
// processors. Any number of threads may call it.
//
// Throws CompileError with every diagnostic where the source is at fault, and where the assembler
// refuses what it compiles to (too much shared memory, wrong inline PTX); ValueError where the
// options are, or this NVRTC can't carry them out; RuntimeError where NVRTC is missing or fails.
DeviceCode CompileDevice(const DeviceSource& source, const DeviceOptions& options);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_DEVICE_COMPILER_H_
