// What this library knows of tensors beyond the ABI.
#ifndef KILN_RUNTIME_TENSOR_H_
#define KILN_RUNTIME_TENSOR_H_

namespace kiln::runtime {

// Registers `kiln.tensor_flags_function`: () -> void*, the address of a C function
//   uint64_t (TVMFFIObjectHandle tensor)
// that gives the DLPACK_FLAG_BITMASK_... bits of an ffi.Tensor: whether it is read-only. Compiled
// code asks it before it writes. Called once, when this library is loaded.
void RegisterTensorFunctions();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_TENSOR_H_
