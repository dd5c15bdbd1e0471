// The fields that builtin types show to other languages.
#ifndef KILN_RUNTIME_BUILTIN_FIELDS_H_
#define KILN_RUNTIME_BUILTIN_FIELDS_H_

namespace kiln::runtime {

// Registers `imports_` of ffi.Module: what the module imports, as an array to be read. Called once,
// when the library is loaded. Throws std::bad_alloc.
void RegisterBuiltinFields();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_BUILTIN_FIELDS_H_
