// The global functions that make values for languages without their own way to: ffi.String,
// ffi.Bytes, ffi.Shape, ffi.FunctionFromExternC.
#ifndef KILN_RUNTIME_VALUE_FUNCTIONS_H_
#define KILN_RUNTIME_VALUE_FUNCTIONS_H_

namespace kiln::runtime {

// Registers them. Called once, when this library is loaded.
void RegisterValueFunctions();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_VALUE_FUNCTIONS_H_
