#ifndef KILN_CUDA_BUILTIN_TYPES_H_
#define KILN_CUDA_BUILTIN_TYPES_H_

#include <driver_types.h>

#endif  // KILN_CUDA_BUILTIN_TYPES_H_
