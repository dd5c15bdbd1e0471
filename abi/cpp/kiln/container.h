// What all containers share: how they are made and destroyed, and how their elements are read.
#ifndef KILN_CONTAINER_H_
#define KILN_CONTAINER_H_

#include <type_traits>
#include <utility>

#include "kiln/any.h"
#include "kiln/make_object.h"
#include "kiln/schema.h"

namespace kiln {
namespace details {

// The containers of this thread that await their destruction, linked through their count words.
// One list a library: shared with others, it would keep the library from being unloaded.
struct DyingContainers {
  TVMFFIObject* first;
  bool draining;
};
[[gnu::visibility("hidden")]] inline thread_local constinit DyingContainers dying_containers{
    nullptr, false};

// The deleter of a container. A container that dies within another one's destruction has to wait
// until that one is done; so the stack stays flat however deep containers are nested. Everything is
// destroyed when the outermost release returns.
template <typename T>
void DeleteContainer(void* self, int flags) {
  if (flags != kTVMFFIObjectDeleterFlagBitMaskBoth) {
    // Weak references still read the count word.
    DeleteObject<T>(self, flags);
    return;
  }
  DyingContainers& dying = dying_containers;
  auto* object = static_cast<TVMFFIObject*>(self);
  object->deleter = &DeleteObject<T>;
  object->combined_ref_count = reinterpret_cast<uint64_t>(dying.first);
  dying.first = object;
  if (dying.draining) return;
  dying.draining = true;
  while (dying.first != nullptr) {
    TVMFFIObject* next = dying.first;
    dying.first = reinterpret_cast<TVMFFIObject*>(next->combined_ref_count);
    next->deleter(next, kTVMFFIObjectDeleterFlagBitMaskBoth);
  }
  dying.draining = false;
}

// Like MakeObjectWithTail, for a container.
template <typename T, typename... Args>
ObjectPtr<T> MakeContainer(size_t tail_bytes, Args&&... args) {
  ObjectPtr<T> container = MakeObjectWithTail<T>(tail_bytes, std::forward<Args>(args)...);
  container.header()->deleter = &DeleteContainer<T>;
  return container;
}

// An element as a `T`. Throws TypeError if it is none.
template <typename T>
T ReadElement(const Any& element) {
  if constexpr (std::is_same_v<T, Any>) {
    return element;
  } else {
    return element.cast<T>();
  }
}

}  // namespace details
}  // namespace kiln

#endif  // KILN_CONTAINER_H_
