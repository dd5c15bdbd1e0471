#ifndef KILN_JIT_SANDBOX_VALUE_FORMAT_H_
#define KILN_JIT_SANDBOX_VALUE_FORMAT_H_

#include <string>

#include "jit/sandbox/shared_tensors.h"
#include "jit/worker/byte_stream.h"
#include "kiln/any.h"

namespace kiln::jit {

// Values that go from one process to another: None, bool, int, float, str, bytes, dtypes, devices,
// shapes, tensors in CPU memory, and arrays and lists of these, which arrive as arrays.

// Tells `tensors` of every tensor in `value`. `what` names the value in messages. Throws TypeError
// where a value of another kind is in it, and ValueError where a tensor is elsewhere.
void AddTensors(AnyView value, const std::string& what, SharedTensors* tensors);

// Tensors that were added go as their places in `tensors`, as it was shared. Precondition:
// AddTensors accepts the value.
void PutValue(AnyView value, const SharedTensors& tensors, ByteWriter* writer);

// The value with its tensors as they lie in `tensors`, which must outlive them. Throws RuntimeError
// where the bytes are malformed.
Any GetValue(ByteReader* reader, const MappedTensors& tensors);

// The other way: the elements of tensors go with the value. Throws as AddTensors does.
void PutResult(AnyView value, const std::string& what, ByteWriter* writer);
Any GetResult(ByteReader* reader);

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_VALUE_FORMAT_H_
