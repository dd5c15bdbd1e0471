#ifndef KILN_JIT_LINK_GRAPH_LINKER_H_
#define KILN_JIT_LINK_GRAPH_LINKER_H_

#include <string>

#include <llvm/ADT/STLFunctionalExtras.h>

#include "jit/link/code_memory.h"
#include "jit/link/object_graphs.h"

namespace kiln::jit {

// A graph in memory. What `frames` points to lies in `memory`.
struct LinkedGraph {
  ImageMemory memory;
  char* frames = nullptr;  // the unwind tables (.eh_frame), ended by a zero word; null: it has none
};

// Links `graph`, whose symbols are all defined or absolute, with JITLink alone: no state is shared
// with other links, so that any number of threads may link at once. `on_layout` is called once all
// symbols have their addresses, before the contents are there; what it keeps of the graph must
// be values. `name` is the artifact's; `near` may be null: what the memory should
// be near to. Throws LinkError.
LinkedGraph LinkInMemory(ObjectGraph graph, const std::string& name, const void* near,
                         llvm::function_ref<void(llvm::jitlink::LinkGraph&)> on_layout);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_GRAPH_LINKER_H_
