#ifndef KILN_JIT_COMPILE_CUDA_DEVICE_HEADERS_H_
#define KILN_JIT_COMPILE_CUDA_DEVICE_HEADERS_H_

#include <string>
#include <string_view>
#include <vector>

#include "jit/compile/cuda/device_source.h"
#include "jit/compile/cuda/nvrtc.h"

namespace kiln::jit {

// The headers in memory that a compile of `source` sees: its own, and those that come with this
// library for what NVRTC has no headers for (cstdint, limits, cuda_runtime.h, ...). Of the latter
// those that stand for CUDA's own are left out where a folder of `cuda_folders` has them. The
// result must not outlive `source`.
NvrtcProgram::Headers DeviceHeaders(const DeviceSource& source,
                                    const std::vector<std::string>& cuda_folders);

// Whether messages about `file`, as NVRTC names it, are about a header that is not the user's: one
// of `cuda_folders`, or one that comes with this library.
bool IsSystemHeader(std::string_view file, const DeviceSource& source,
                    const std::vector<std::string>& cuda_folders);

// Whether `name` is a header that comes with this library, and takes no time to compile.
bool IsSmallDeviceHeader(std::string_view name);

// Whether device code may include `name`: from memory, from one of the source's folders, or from
// one of `cuda_folders`.
bool HasDeviceHeader(std::string_view name, const DeviceSource& source,
                     const std::vector<std::string>& cuda_folders);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_DEVICE_HEADERS_H_
