#ifndef KILN_DEVICE_CUDA_RUNTIME_API_H_
#define KILN_DEVICE_CUDA_RUNTIME_API_H_

// NVRTC declares what device code has of it.

#endif  // KILN_DEVICE_CUDA_RUNTIME_API_H_
