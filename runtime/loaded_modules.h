// Modules that stay loaded although nobody refers to them, because functions of theirs are in use.
#ifndef KILN_RUNTIME_LOADED_MODULES_H_
#define KILN_RUNTIME_LOADED_MODULES_H_

namespace kiln::runtime {

// Registers `ffi.ModuleGlobalsAdd`, which keeps a module, and `ffi.ModuleGlobalsRemove`, which lets
// it go. Called once, when the library is loaded.
void RegisterLoadedModules();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_LOADED_MODULES_H_
