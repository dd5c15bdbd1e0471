#ifndef KILN_JIT_COMPILE_CUDA_FIND_NVRTC_H_
#define KILN_JIT_COMPILE_CUDA_FIND_NVRTC_H_

#include <string>
#include <vector>

namespace kiln::jit {

// Where NVRTC is, and where it was looked for.
struct NvrtcSearch {
  std::string path;  // of the library that was opened; empty if none was
  int major = 0;     // its version, 0.0 if none was opened
  int minor = 0;
  std::vector<std::string> looked_at;  // every name that was tried, in order
  void* handle = nullptr;              // from dlopen, never closed
};

// Opens NVRTC, CUDA 12 or 13: the library that $KILN_NVRTC names, and no other, if it is set; else
// one that the loader knows, one in CUDA's usual folders, one in the wheels of the active virtual
// environment. Opening costs tens of milliseconds. Any thread may call it.
NvrtcSearch FindNvrtc();

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_FIND_NVRTC_H_
