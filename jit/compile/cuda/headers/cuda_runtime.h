#ifndef KILN_DEVICE_CUDA_RUNTIME_H_
#define KILN_DEVICE_CUDA_RUNTIME_H_

// NVRTC declares what device code has of it.

#endif  // KILN_DEVICE_CUDA_RUNTIME_H_
