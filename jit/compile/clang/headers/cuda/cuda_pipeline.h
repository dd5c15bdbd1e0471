#ifndef KILN_CUDA_CUDA_PIPELINE_H_
#define KILN_CUDA_CUDA_PIPELINE_H_

#include <cuda_runtime.h>

#endif  // KILN_CUDA_CUDA_PIPELINE_H_
