#ifndef KILN_TESTS_JIT_DEVICE_COUNTED_NEW_H_
#define KILN_TESTS_JIT_DEVICE_COUNTED_NEW_H_

namespace kiln::jit {

// How often this program has called operator new, the engine and the libraries in it included.
int AllocationCount();

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_DEVICE_COUNTED_NEW_H_
