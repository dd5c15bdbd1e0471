/* How a launch stub of CUDA host code launches where the engine is not there: by the CUDA runtime
 * of the process. Clang's stubs pass dim3 as two words, as the x86-64 ABI does. */
#include <stddef.h>
#include <stdint.h>

typedef struct Dim3 {
  unsigned x, y, z;
} Dim3;

/* The slot of a kernel, as device_symbols.cc lays it out. */
typedef struct KernelSlot {
  void* kernel;
  const void* stub;
} KernelSlot;

int cudaLaunchKernel(const void* stub, Dim3 grid, Dim3 block, void** arguments, size_t shared_bytes,
                     void* stream);

int __kiln_launch_kernel(KernelSlot* slot, Dim3 grid, Dim3 block, void** arguments,
                         size_t shared_bytes, void* stream);

__attribute__((visibility("hidden"))) int __kiln_launch_kernel(KernelSlot* slot, Dim3 grid,
                                                               Dim3 block, void** arguments,
                                                               size_t shared_bytes, void* stream) {
  return cudaLaunchKernel(slot->stub, grid, block, arguments, shared_bytes, stream);
}
