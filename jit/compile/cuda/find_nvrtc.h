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
  // Every name that was tried, in order; where there is a file that is no NVRTC, with the reason.
  std::vector<std::string> looked_at;
  void* handle = nullptr;  // from dlopen, never closed
};

// Opens NVRTC, CUDA 12 or newer: the library that $KILN_NVRTC names, and no other, if it is set;
// else, in this order, one that this process has loaded already, one that the loader knows, one in
// CUDA's usual folders ($CUDA_HOME, $CUDA_PATH, /usr/local/cuda*), and one of the nvidia-cuda-nvrtc
// wheels: of the active virtual environment, of the Python in whose process this is, and of the
// folder `site_packages`, if it is not empty.
//
// What was found is remembered, for each `site_packages` and each state of the variables that
// count; the first search costs tens of milliseconds. Any thread may call it.
NvrtcSearch FindNvrtc(const std::string& site_packages = {});

// The names that a search tries where $KILN_NVRTC is not set, in order: those that the loader
// knows, then paths.
std::vector<std::string> NvrtcCandidates(const std::string& site_packages);

// The RuntimeError's message for a search that found nothing: every place, and what to install.
std::string MissingNvrtc(const NvrtcSearch& search);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_FIND_NVRTC_H_
