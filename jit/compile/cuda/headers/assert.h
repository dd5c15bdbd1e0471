#ifndef KILN_DEVICE_ASSERT_H_
#define KILN_DEVICE_ASSERT_H_

// NVRTC defines assert itself, as NDEBUG says.

#endif  // KILN_DEVICE_ASSERT_H_
