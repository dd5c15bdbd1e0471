#ifndef KILN_DEVICE_VECTOR_TYPES_H_
#define KILN_DEVICE_VECTOR_TYPES_H_

// NVRTC declares what device code has of it.

#endif  // KILN_DEVICE_VECTOR_TYPES_H_
