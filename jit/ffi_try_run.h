#ifndef KILN_JIT_FFI_TRY_RUN_H_
#define KILN_JIT_FFI_TRY_RUN_H_

namespace kiln::jit {

// Registers the global functions by which code is tried in a process of its own, and by which that
// process serves: kiln.jit.try_run and kiln.jit.serve (ffi_api.cc). To be called once.
void RegisterTryRun();

}  // namespace kiln::jit

#endif  // KILN_JIT_FFI_TRY_RUN_H_
