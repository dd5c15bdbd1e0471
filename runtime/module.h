// Lookups through modules, and the global functions by which all languages use modules:
// ffi.ModuleLoadFromFile and its kin.
#ifndef KILN_RUNTIME_MODULE_H_
#define KILN_RUNTIME_MODULE_H_

#include <optional>

#include <kiln/module.h>

namespace kiln::runtime {

// The function of the first module that has it, of those that `root` imports, depth first; nullopt
// if none has. `root` itself is not asked.
std::optional<Function> FindInImports(const Module& root, const String& name);

// Registers them. Called once, when this library is loaded.
void RegisterModuleFunctions();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_MODULE_H_
