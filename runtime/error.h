// The error that the calling thread has raised and nobody has taken yet.
#ifndef KILN_RUNTIME_ERROR_H_
#define KILN_RUNTIME_ERROR_H_

#include <tvm/ffi/c_api.h>

namespace kiln::runtime {

// True if TVMFFIErrorMoveFromRaised would give an error on this thread.
bool ErrorIsRaised() noexcept;

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_ERROR_H_
