#ifndef KILN_JIT_LINK_DEBUG_OBJECTS_H_
#define KILN_JIT_LINK_DEBUG_OBJECTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/link/object_graphs.h"

namespace kiln::jit {

// The objects of an artifact that have debug information, and where linking puts their sections.
class DebugObjects {
 public:
  // `graph` is what `objects`, the graphs of `artifact`, have become, before it is linked. Costs
  // nothing to speak of where no object has debug information.
  DebugObjects(const Artifact& artifact, const std::vector<ObjectGraph>& objects,
               llvm::jitlink::LinkGraph& graph);

  // Reads the addresses of the sections out of the graph once it has them.
  void Place(llvm::jitlink::LinkGraph& graph);

  // Copies of the objects whose section headers tell these addresses; `frames` is where the unwind
  // tables are. A section that linking has dropped is at 0. The artifact is still there.
  std::vector<std::string> WithAddresses(const char* frames) const;

 private:
  // A section of an object: the block that it became, and where that is.
  struct Section {
    size_t object;
    uint64_t header;  // the place of the section's header in the file
    const llvm::jitlink::Block* block;
    uint64_t address = 0;
  };
  struct Object {
    const std::string* bytes;
    std::vector<uint64_t> frame_headers;
  };

  std::vector<Object> objects_;
  std::vector<Section> sections_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_DEBUG_OBJECTS_H_
