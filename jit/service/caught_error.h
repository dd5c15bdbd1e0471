#ifndef KILN_JIT_SERVICE_CAUGHT_ERROR_H_
#define KILN_JIT_SERVICE_CAUGHT_ERROR_H_

#include <functional>

#include "kiln/error.h"

namespace kiln::jit {

// The exception that is being handled, as an error of the ABI. To be called in a handler.
Error CaughtError();

// An error of its own for each that takes it: a thread that raises one adds to its backtrace.
Error CopyOf(const Error& error);

// Calls `hook`, and logs what it throws.
void CallHook(const std::function<void()>& hook) noexcept;

}  // namespace kiln::jit

#endif  // KILN_JIT_SERVICE_CAUGHT_ERROR_H_
