// How objects are made and where their memory comes from: the process's allocator of objects
// (TVMFFISetCustomAllocator), which other languages replace to keep what is theirs beside an
// object.
//
// An object remembers in the header before its body how its space is given back, so it may outlive
// the allocator's replacement. Only objects come from there; what they own (elements of a list,
// data of a tensor) does not.
#ifndef KILN_MAKE_OBJECT_H_
#define KILN_MAKE_OBJECT_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "kiln/error.h"
#include "kiln/object.h"

namespace kiln {
namespace details {

[[noreturn, gnu::noinline, gnu::cold]] inline void ThrowNoSpace() {
  TVMFFIObjectHandle raised = nullptr;
  TVMFFIErrorMoveFromRaised(&raised);
  if (raised == nullptr) throw std::bad_alloc();
  throw Error(ObjectPtr<ErrorObj>::AdoptHandle(raised));
}

// Gives space back to the allocator that it came from, which may want to keep it.
inline void ReleaseSpace(void* space) noexcept {
  const TVMFFIObjectAllocHeader* header = static_cast<TVMFFIObjectAllocHeader*>(space) - 1;
  if (header->delete_space != nullptr) header->delete_space(space);
}

// Space that no allocator of objects knows, for what none aligns.
template <size_t kAlignment>
void* AllocateAlignedSpace(size_t size) {
  if (size > SIZE_MAX - kAlignment) throw std::bad_alloc();
  void* block = ::operator new(kAlignment + size, std::align_val_t{kAlignment});
  void* space = static_cast<char*>(block) + kAlignment;
  (static_cast<TVMFFIObjectAllocHeader*>(space) - 1)->delete_space = [](void* body) {
    ::operator delete(static_cast<char*>(body) - kAlignment, std::align_val_t{kAlignment});
  };
  return space;
}

// Space for one object. Throws the error that the allocator raises, std::bad_alloc if it raises
// none.
template <size_t kAlignment>
void* AllocateSpace(size_t size, int32_t type_index) {
  const TVMFFICustomAllocator* allocator = TVMFFIGetCustomAllocator();
  void* space = allocator->allocate(size, kAlignment, type_index, allocator->context);
  if (space == nullptr) [[unlikely]] {
    ThrowNoSpace();
  }
  if constexpr (kAlignment > alignof(std::max_align_t)) {
    // Some allocators give what malloc does, whatever they are asked for.
    if (reinterpret_cast<uintptr_t>(space) % kAlignment != 0) {
      ReleaseSpace(space);
      return AllocateAlignedSpace<kAlignment>(size);
    }
  }
  return space;
}

// The deleter of a `T`. Its weak half finds the storage of an object that is already destroyed,
// which looks like a bad cast where the class has virtual functions.
template <typename T>
__attribute__((no_sanitize("vptr"))) void DeleteObject(void* self, int flags) {
  T* object = static_cast<T*>(static_cast<Object*>(self));
  if ((flags & kTVMFFIObjectDeleterFlagBitMaskStrong) != 0) object->T::~T();
  if ((flags & kTVMFFIObjectDeleterFlagBitMaskWeak) != 0) ReleaseSpace(object);
}

}  // namespace details

// Makes a `T` with `tail_bytes` of uninitialised storage right behind it (at `object + 1`).
// Throws what the constructor throws; where there is no memory, the allocator's error (a
// MemoryError, if it is the builtin one) or std::bad_alloc.
template <typename T, typename... Args>
ObjectPtr<T> MakeObjectWithTail(size_t tail_bytes, Args&&... args) {
  static_assert(std::is_base_of_v<Object, T>, "only an Object has the header");
  const int32_t type_index = details::TypeIndexOf<T>();
  void* space = details::AllocateSpace<alignof(T)>(sizeof(T) + tail_bytes, type_index);
  T* object = nullptr;
  try {
    object = new (space) T(std::forward<Args>(args)...);
  } catch (...) {
    details::ReleaseSpace(space);
    throw;
  }
  TVMFFIObject* header = static_cast<Object*>(object)->header();
  header->combined_ref_count = details::kStrongOne | details::kWeakOne;
  header->type_index = type_index;
  header->deleter = &details::DeleteObject<T>;
  return ObjectPtr<T>::Adopt(object);
}

template <typename T, typename... Args>
ObjectPtr<T> MakeObject(Args&&... args) {
  return MakeObjectWithTail<T>(0, std::forward<Args>(args)...);
}

}  // namespace kiln

#endif  // KILN_MAKE_OBJECT_H_
