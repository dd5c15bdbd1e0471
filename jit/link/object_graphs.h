#ifndef KILN_JIT_LINK_OBJECT_GRAPHS_H_
#define KILN_JIT_LINK_OBJECT_GRAPHS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <llvm/ExecutionEngine/JITLink/JITLink.h>

#include "jit/artifact/artifact.h"

namespace kiln::jit {

using ObjectGraph = std::unique_ptr<llvm::jitlink::LinkGraph>;

// A link graph of each object of `artifact`, in order, and of those of our own that they need. A
// graph is named by the source file that its object tells of, and refers to the bytes of
// `artifact`. Throws LinkError where there is no object, where one is damaged or made for another
// machine, and where one uses thread-local variables by ELF's own convention.
std::vector<ObjectGraph> ReadObjects(const Artifact& artifact);

// Whether the section is in memory when the code runs. Debug information is not.
inline bool IsInMemory(const llvm::jitlink::Section& section) {
  return section.getMemLifetime() != llvm::orc::MemLifetime::NoAlloc;
}

// The function or variable at byte `offset` of `block`; the section's name where no name is known.
std::string_view NameAt(const llvm::jitlink::Block& block, uint64_t offset);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_OBJECT_GRAPHS_H_
