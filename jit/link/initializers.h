#ifndef KILN_JIT_LINK_INITIALIZERS_H_
#define KILN_JIT_LINK_INITIALIZERS_H_

#include <cstddef>
#include <vector>

#include <llvm/ExecutionEngine/JITLink/JITLink.h>

namespace kiln::jit {

// The priority of tables that have none: they come after all that have one.
inline constexpr unsigned kNoPriority = 65536;

// A part of .init_array or .fini_array: `start` is its first entry.
struct FunctionTable {
  llvm::jitlink::Symbol* start = nullptr;
  size_t count = 0;
  unsigned priority = kNoPriority;
};

// What an object wants called when it is loaded, from the first entry to the last, and when it is
// unloaded, from the last entry to the first.
struct Initializers {
  std::vector<FunctionTable> at_load;
  std::vector<FunctionTable> at_unload;
};

// The tables of `graph`, which linking then keeps.
Initializers KeepInitializers(llvm::jitlink::LinkGraph* graph);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_INITIALIZERS_H_
