#ifndef KILN_DEVICE_STDDEF_H_
#define KILN_DEVICE_STDDEF_H_

// NVRTC declares size_t and ptrdiff_t itself.
typedef decltype(nullptr) nullptr_t;
typedef struct {
  long long integer;
  double real __attribute__((aligned(16)));
} max_align_t;

#ifndef NULL
#define NULL 0
#endif
#ifndef offsetof
// A constant expression, as a cast of the address would not be.
#define offsetof(type, member) __INTADDR__(&(((type*)0)->member))
#endif

#endif  // KILN_DEVICE_STDDEF_H_
