#ifndef KILN_DEVICE_STDLIB_H_
#define KILN_DEVICE_STDLIB_H_

// NVRTC declares malloc, free and abs itself.

#ifndef NULL
#define NULL 0
#endif

__device__ inline void abort() { __trap(); }

#endif  // KILN_DEVICE_STDLIB_H_
