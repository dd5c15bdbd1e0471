#ifndef KILN_JIT_COMPILE_CUDA_CUDA_RUNTIME_LIBRARY_H_
#define KILN_JIT_COMPILE_CUDA_CUDA_RUNTIME_LIBRARY_H_

#include <string>

namespace kiln::jit {

// The CUDA runtime of this machine, for modules that are to run without the engine: the path of
// libcudart.so of CUDA 13 or 12 in a toolkit or a wheel (cuda_folders.h). Throws
// RuntimeError, with the places that were looked at, where there is none.
std::string CudaRuntimeLibrary();

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_CUDA_RUNTIME_LIBRARY_H_
