#include "jit/sandbox/memory_functions.h"

#include <cstdint>
#include <cstdlib>

namespace kiln::jit {
namespace {

volatile bool memory_was_refused = false;

void* Noted(void* memory, size_t size) {
  if (memory == nullptr && size != 0) memory_was_refused = true;
  return memory;
}

void* Malloc(size_t size) { return Noted(std::malloc(size), size); }
void* Calloc(size_t count, size_t size) { return Noted(std::calloc(count, size), count * size); }
void* Realloc(void* memory, size_t size) { return Noted(std::realloc(memory, size), size); }
void* AlignedAlloc(size_t alignment, size_t size) {
  return Noted(std::aligned_alloc(alignment, size), size);
}
int PosixMemalign(void** memory, size_t alignment, size_t size) {
  const int code = posix_memalign(memory, alignment, size);
  if (code != 0) memory_was_refused = true;
  return code;
}

}  // namespace

AddressMap MemoryFunctions() {
  return {{"malloc", reinterpret_cast<uint64_t>(&Malloc)},
          {"calloc", reinterpret_cast<uint64_t>(&Calloc)},
          {"realloc", reinterpret_cast<uint64_t>(&Realloc)},
          {"aligned_alloc", reinterpret_cast<uint64_t>(&AlignedAlloc)},
          {"posix_memalign", reinterpret_cast<uint64_t>(&PosixMemalign)}};
}

bool MemoryWasRefused() noexcept { return memory_was_refused; }

}  // namespace kiln::jit
