// What types tell about themselves: fields, methods, metadata.
//
// They are read in TVMFFITypeInfo, without a lock, while others are registered: the arrays never
// move, and a count is published after the element that it counts. A type has no more than 1024
// fields of its own, and no more than 1024 methods.
#ifndef KILN_RUNTIME_TYPE_REFLECTION_H_
#define KILN_RUNTIME_TYPE_REFLECTION_H_

#include <tvm/ffi/c_api.h>

namespace kiln::runtime {

// Gives a type that is not published yet its arrays, both empty. Throws std::bad_alloc.
void ReserveMembers(TVMFFITypeInfo* type);

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_TYPE_REFLECTION_H_
