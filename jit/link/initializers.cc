#include "jit/link/initializers.h"

#include <algorithm>

#include <llvm/ADT/StringExtras.h>
#include <llvm/ADT/StringRef.h>

namespace kiln::jit {
namespace {

using llvm::jitlink::Block;
using llvm::jitlink::LinkGraph;
using llvm::jitlink::Section;
using llvm::orc::ExecutorAddr;

constexpr unsigned kNoPriority = 65536;  // such tables come after all that have one

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
std::vector<FunctionTable> NameTables(LinkGraph* graph, llvm::StringRef base) {
  struct Place {
    unsigned priority;
    ExecutorAddr address;
    Block* block;
  };
  std::vector<Place> places;
  for (Section& section : graph->sections()) {
    if (!IsTable(section.getName(), base)) continue;
    for (Block* block : section.blocks()) {
      places.push_back({PriorityOf(section.getName(), base), block->getAddress(), block});
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.priority != b.priority ? a.priority < b.priority : a.address < b.address;
  });

  std::vector<FunctionTable> tables;
  for (const Place& place : places) {
    const std::string symbol = "__kiln" + base.str() + "." + std::to_string(tables.size());
    const llvm::MutableArrayRef<char> name = graph->allocateContent(llvm::Twine(symbol));
    graph->addDefinedSymbol(*place.block, 0, {name.data(), name.size()}, place.block->getSize(),
                            llvm::jitlink::Linkage::Strong, llvm::jitlink::Scope::Default,
                            /*IsCallable=*/false, /*IsLive=*/true);
    tables.push_back({symbol, place.block->getSize() / sizeof(void*)});
  }
  return tables;
}

}  // namespace

Initializers NameInitializers(LinkGraph* graph) {
  return {NameTables(graph, ".init_array"), NameTables(graph, ".fini_array")};
}

bool DefineDsoHandle(LinkGraph* graph) {
  for (llvm::jitlink::Symbol* symbol : graph->external_symbols()) {
    if (symbol->getName() != kDsoHandle) continue;
    Section& section = graph->createSection(".kiln_dso_handle", llvm::orc::MemProt::Read);
    Block& block = graph->createZeroFillBlock(section, sizeof(void*), ExecutorAddr(),
                                              /*Alignment=*/sizeof(void*), /*AlignmentOffset=*/0);
    graph->makeDefined(*symbol, block, 0, sizeof(void*), llvm::jitlink::Linkage::Strong,
                       llvm::jitlink::Scope::Default, /*IsLive=*/true);
    return true;
  }
  return false;
}

}  // namespace kiln::jit
