// Arrays that grow without moving: their address space is set aside for the largest size, and the
// system gives memory for what is written. So a reader may load the pointer and the size in any
// order while a writer appends.
#ifndef KILN_RUNTIME_RESERVED_ARRAY_H_
#define KILN_RUNTIME_RESERVED_ARRAY_H_

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace kiln::runtime {

// Room for `capacity` elements, all zero bytes, for ever. Memory is taken a page at a time, by the
// first write to it. Throws std::bad_alloc where the process has no address space left.
template <typename T>
T* ReserveArray(size_t capacity) {
  void* memory = mmap(nullptr, capacity * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<T*>(memory);
}

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_RESERVED_ARRAY_H_
