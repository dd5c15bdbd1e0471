// The global functions of arrays, lists, maps and dicts (`ffi.Array...`, `ffi.Dict...`), through
// which languages without inline code use them.
#ifndef KILN_RUNTIME_CONTAINERS_H_
#define KILN_RUNTIME_CONTAINERS_H_

namespace kiln::runtime {

// Called once, when the library is loaded.
void RegisterSequenceFunctions();
void RegisterTableFunctions();
void RegisterDeviceFunctions();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_CONTAINERS_H_
