// The global functions by which all languages use modules: ffi.ModuleLoadFromFile and its kin.
#ifndef KILN_RUNTIME_MODULE_H_
#define KILN_RUNTIME_MODULE_H_

namespace kiln::runtime {

// Registers them. Called once, when this library is loaded.
void RegisterModuleFunctions();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_MODULE_H_
