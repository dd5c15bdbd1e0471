// What this library knows of tensors beyond the ABI.
#ifndef KILN_RUNTIME_TENSOR_H_
#define KILN_RUNTIME_TENSOR_H_

namespace kiln::runtime {

// Registers `kiln.read_only_tensor_deleter`: () -> void*, the deleter that the object of an
// ffi.Tensor has (TVMFFIObject::deleter) where its elements must not be written. Compiled code
// looks at it before it writes. Called once, when this library is loaded.
void RegisterTensorFunctions();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_TENSOR_H_
