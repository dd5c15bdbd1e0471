#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <tvm/ffi/c_api.h>

namespace kiln::runtime {
namespace {

// What the builtin allocator puts right before an object's body. The ABI fixes the last field.
struct Prefix {
  void* block;
  TVMFFIObjectAllocHeader header;
};

void DeleteSpace(void* body) { std::free((static_cast<Prefix*>(body) - 1)->block); }

void* Allocate(size_t size, size_t alignment, int32_t /*type_index*/, void* /*context*/) {
  const size_t align = std::max(alignment, alignof(std::max_align_t));
  const size_t lead = (sizeof(Prefix) + align - 1) / align * align;
  void* block = nullptr;
  if (size > SIZE_MAX - lead || posix_memalign(&block, align, lead + size) != 0) {
    TVMFFIErrorSetRaisedFromCStr("MemoryError", "no memory for an object");
    return nullptr;
  }
  void* body = static_cast<char*>(block) + lead;
  *(static_cast<Prefix*>(body) - 1) = {block, {&DeleteSpace}};
  return body;
}

constinit TVMFFICustomAllocator builtin_allocator{&Allocate, nullptr};
constinit std::atomic<TVMFFICustomAllocator*> current_allocator{&builtin_allocator};

}  // namespace
}  // namespace kiln::runtime

extern "C" {

TVMFFICustomAllocator* TVMFFIGetCustomAllocator(void) {
  return kiln::runtime::current_allocator.load(std::memory_order_acquire);
}

int TVMFFISetCustomAllocator(TVMFFICustomAllocator* allocator) {
  kiln::runtime::current_allocator.store(
      allocator == nullptr ? &kiln::runtime::builtin_allocator : allocator,
      std::memory_order_release);
  return 0;
}

}  // extern "C"
