#ifndef KILN_DEVICE_STRING_H_
#define KILN_DEVICE_STRING_H_

// NVRTC declares memcpy and memset itself.

__device__ inline void* memmove(void* to, const void* from, size_t size) {
  unsigned char* t = static_cast<unsigned char*>(to);
  const unsigned char* f = static_cast<const unsigned char*>(from);
  if (t <= f) {
    for (size_t i = 0; i < size; ++i) t[i] = f[i];
  } else {
    for (size_t i = size; i > 0; --i) t[i - 1] = f[i - 1];
  }
  return to;
}

__device__ inline int memcmp(const void* a, const void* b, size_t size) {
  const unsigned char* x = static_cast<const unsigned char*>(a);
  const unsigned char* y = static_cast<const unsigned char*>(b);
  for (size_t i = 0; i < size; ++i) {
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  }
  return 0;
}

__device__ inline size_t strlen(const char* text) {
  size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

__device__ inline int strcmp(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) {
    ++a;
    ++b;
  }
  return static_cast<int>(static_cast<unsigned char>(*a)) -
         static_cast<int>(static_cast<unsigned char>(*b));
}

#endif  // KILN_DEVICE_STRING_H_
