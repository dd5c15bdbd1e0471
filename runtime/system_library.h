// The system library: the module of symbols that are linked into the program and register
// themselves (TVMFFIEnvModRegisterSystemLibSymbol).
#ifndef KILN_RUNTIME_SYSTEM_LIBRARY_H_
#define KILN_RUNTIME_SYSTEM_LIBRARY_H_

#include <kiln/function.h>

namespace kiln::runtime {

// The function `ffi.SystemLib(prefix = "")`: the module that finds a function `f` at the symbol
// `__tvm_ffi_<prefix>f`, else at `__tvm_ffi_f`; variables at `<prefix>name`, else at `name`. The
// same prefix gives the same module, which is never destroyed.
Function SystemLibraryFunction();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_SYSTEM_LIBRARY_H_
