#ifndef KILN_JIT_WORKER_ERROR_FORMAT_H_
#define KILN_JIT_WORKER_ERROR_FORMAT_H_

#include "jit/worker/byte_stream.h"
#include "kiln/error.h"

namespace kiln::jit {

// An error with its kind, message and backtrace, the errors that caused it, and its extra context
// where that is a text; context of another kind is left out.
void PutError(const kiln::Error& error, ByteWriter* writer);

// Reads what PutError wrote. Throws RuntimeError where it is malformed.
kiln::Error GetError(ByteReader* reader);

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_ERROR_FORMAT_H_
