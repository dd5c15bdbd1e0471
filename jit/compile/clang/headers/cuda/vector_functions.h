#ifndef KILN_CUDA_VECTOR_FUNCTIONS_H_
#define KILN_CUDA_VECTOR_FUNCTIONS_H_

#include <vector_types.h>

#endif  // KILN_CUDA_VECTOR_FUNCTIONS_H_
