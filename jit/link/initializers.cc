#include "jit/link/initializers.h"

#include <algorithm>

#include <llvm/ADT/StringRef.h>

#include "jit/link/object_graphs.h"

namespace kiln::jit {
namespace {

using llvm::jitlink::Block;
using llvm::jitlink::LinkGraph;
using llvm::jitlink::Section;
using llvm::orc::ExecutorAddr;

// 101 for ".init_array.101".
unsigned PriorityOf(llvm::StringRef section, llvm::StringRef base) {
  unsigned priority = kNoPriority;
  if (section.consume_front(base) && section.consume_front(".")) {
    if (section.getAsInteger(10, priority)) priority = kNoPriority;
  }
  return priority;
}

bool IsTable(llvm::StringRef section, llvm::StringRef base) {
  return section == base || (section.starts_with(base) && section[base.size()] == '.');
}

// The tables of the sections `base` and `base`.<priority>, in the order of priorities.
std::vector<FunctionTable> KeepTables(LinkGraph* graph, llvm::StringRef base) {
  struct Place {
    unsigned priority;
    ExecutorAddr address;
    Block* block;
  };
  std::vector<Place> places;
  for (Section& section : graph->sections()) {
    if (!IsTable(section.getName(), base) || !IsInMemory(section)) continue;
    for (Block* block : section.blocks()) {
      if (block->isZeroFill()) continue;
      places.push_back({PriorityOf(section.getName(), base), block->getAddress(), block});
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (a.priority != b.priority) return a.priority < b.priority;
    if (a.address != b.address) return a.address < b.address;
    return a.block->getContent().data() < b.block->getContent().data();  // its place in the file
  });

  std::vector<FunctionTable> tables;
  for (const Place& place : places) {
    const size_t size = place.block->getSize();
    llvm::jitlink::Symbol& start =
        graph->addAnonymousSymbol(*place.block, 0, size, /*IsCallable=*/false, /*IsLive=*/true);
    tables.push_back({&start, size / sizeof(void*), place.priority});
  }
  return tables;
}

}  // namespace

Initializers KeepInitializers(LinkGraph* graph) {
  return {KeepTables(graph, ".init_array"), KeepTables(graph, ".fini_array")};
}

}  // namespace kiln::jit
