#ifndef KILN_DEVICE_STDIO_H_
#define KILN_DEVICE_STDIO_H_

// NVRTC declares printf itself.

#endif  // KILN_DEVICE_STDIO_H_
