#ifndef KILN_JIT_SANDBOX_MEMORY_FUNCTIONS_H_
#define KILN_JIT_SANDBOX_MEMORY_FUNCTIONS_H_

#include "jit/artifact/compile_options.h"

namespace kiln::jit {

// malloc and its kin, for code to be linked with in place of the C library's. They do what those
// do, and note where there was no memory.
AddressMap MemoryFunctions();

// Whether they ever refused memory. May be called by signal handlers.
bool MemoryWasRefused() noexcept;

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_MEMORY_FUNCTIONS_H_
