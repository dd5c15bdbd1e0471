// Memory for new tensors, on the host.
#ifndef KILN_ABI_PYTHON_SRC_HOST_MEMORY_H_
#define KILN_ABI_PYTHON_SRC_HOST_MEMORY_H_

#include <kiln/dlpack.h>

namespace kiln::python {

// A DLPackManagedTensorAllocator: a row-major tensor in CPU memory, aligned to 64 bytes, with the
// shape and dtype of `prototype`; its content is not initialised. NotImplementedError for other
// devices, ValueError for a shape that no memory can hold, MemoryError.
int AllocateOnHost(DLTensor* prototype, DLManagedTensorVersioned** out, void* error_context,
                   void (*set_error)(void* error_context, const char* kind, const char* message));

}  // namespace kiln::python

#endif  // KILN_ABI_PYTHON_SRC_HOST_MEMORY_H_
