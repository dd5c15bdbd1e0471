#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <tvm/ffi/c_api.h>

namespace kiln::runtime {
namespace {

// What malloc aligns to.
constexpr size_t kNaturalAlignment = alignof(std::max_align_t);

// What the builtin allocator puts right before an object's body. The ABI fixes the last field.
struct Prefix {
  void* block;  // set only where the body is aligned beyond what malloc does
  TVMFFIObjectAllocHeader header;
};
static_assert(sizeof(Prefix) == kNaturalAlignment);

Prefix* PrefixOf(void* body) noexcept { return static_cast<Prefix*>(body) - 1; }

void Free(void* body) { std::free(PrefixOf(body)); }
void FreeAligned(void* body) { std::free(PrefixOf(body)->block); }

[[gnu::noinline, gnu::cold]] void* Refuse() noexcept {
  TVMFFIErrorSetRaisedFromCStr("MemoryError", "no memory for an object");
  return nullptr;
}

[[gnu::noinline]] void* AllocateAligned(size_t size, size_t alignment) noexcept {
  void* block = nullptr;
  if (size > SIZE_MAX - alignment || posix_memalign(&block, alignment, alignment + size) != 0) {
    return Refuse();
  }
  void* body = static_cast<char*>(block) + alignment;
  *PrefixOf(body) = {block, {&FreeAligned}};
  return body;
}

void* Allocate(size_t size, size_t alignment, int32_t /*type_index*/, void* /*context*/) {
  if (alignment > kNaturalAlignment) [[unlikely]] {
    return AllocateAligned(size, alignment);
  }
  if (size > SIZE_MAX - sizeof(Prefix)) [[unlikely]] {
    return Refuse();
  }
  auto* prefix = static_cast<Prefix*>(std::malloc(sizeof(Prefix) + size));
  if (prefix == nullptr) [[unlikely]] {
    return Refuse();
  }
  prefix->header.delete_space = &Free;
  return prefix + 1;
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
