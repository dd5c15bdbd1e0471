#ifndef KILN_CUDA_MMA_H_
#define KILN_CUDA_MMA_H_

#include <cuda_fp16.h>

// The names of the matrix instructions, for using-directives. The host parse skips the bodies of
// device functions; NVRTC has the toolkit's own header.

namespace nvcuda {
namespace wmma {}
}  // namespace nvcuda

#endif  // KILN_CUDA_MMA_H_
