// A shared library seen as a module of kind "library".
//
// The function `f` is the symbol `__tvm_ffi_f`. A function holds its module, and the module the
// library: it is closed when the last of them is gone. All symbols are bound at load, so that a
// missing one is an error there that names it.
//
// The library may define, each optional:
//   void* __tvm_ffi__library_ctx        set to the module, for TVMFFIEnvModLookupFromImports
//   void* <name>                        set to the context symbol of that name, if one is
//   registered int   __tvm_ffi__metadata_f(...)    in the packed convention, no arguments: f's type
//   schema, as JSON int   __tvm_ffi__doc_f(...)         the same: f's documentation
#ifndef KILN_RUNTIME_LIBRARY_MODULE_H_
#define KILN_RUNTIME_LIBRARY_MODULE_H_

#include <string>

#include <kiln/module.h>

namespace kiln::runtime {

// Opens the library. A path without a slash is that file if it exists, else the dynamic linker
// searches for it. Throws RuntimeError with the linker's words.
Module LoadLibraryModule(const std::string& path);

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_LIBRARY_MODULE_H_
