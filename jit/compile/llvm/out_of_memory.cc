#include "jit/compile/llvm/out_of_memory.h"

#include <llvm/Support/ErrorHandling.h>

#include "jit/compile/llvm/fatal_errors.h"

namespace kiln::jit {

void OnOutOfMemory(void (*leave)()) {
  SurviveFatalErrors();  // which has LLVM end the compile alone
  llvm::remove_bad_alloc_error_handler();
  llvm::install_bad_alloc_error_handler(
      [](void* function, const char*, bool) { reinterpret_cast<void (*)()>(function)(); },
      reinterpret_cast<void*>(leave));
}

}  // namespace kiln::jit
