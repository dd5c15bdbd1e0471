#include "jit/link/take_state.h"

#include <algorithm>
#include <utility>

#include "jit/link/object_graphs.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

namespace jitlink = llvm::jitlink;

constexpr llvm::StringLiteral kConstantAddresses = ".data.rel.ro";

}  // namespace

bool HoldsVariables(const jitlink::Section& section) {
  const auto bits = static_cast<unsigned>(section.getMemProt());
  return (bits & static_cast<unsigned>(llvm::orc::MemProt::Write)) != 0 &&
         !section.getName().starts_with(kConstantAddresses);
}

std::vector<const jitlink::Symbol*> TakeState(jitlink::LinkGraph* graph, const ImageSymbols& image,
                                              const std::string& name) {
  std::vector<std::pair<jitlink::Symbol*, ImageSymbol>> shared;
  for (jitlink::Section& section : graph->sections()) {
    if (!HoldsVariables(section) || !IsInMemory(section)) continue;
    for (jitlink::Symbol* symbol : section.symbols()) {
      if (!symbol->hasName() || symbol->getScope() == jitlink::Scope::Local) continue;
      const ImageSymbol there = image.FindShared(symbol->getName());
      if (there.is_variable) shared.emplace_back(symbol, there);
    }
  }
  std::vector<const jitlink::Symbol*> taken;
  for (const auto& [symbol, there] : shared) {
    if (there.size != 0 && symbol->getSize() != 0 && there.size != symbol->getSize()) {
      throw kiln::Error("LinkError", "'" + name + "' can't go on with the variable '" +
                                         std::string(there.name) +
                                         "' of the image that was given: it has " +
                                         std::to_string(symbol->getSize()) + " bytes here and " +
                                         std::to_string(there.size) +
                                         " there; both must be compiles of one program");
    }
    graph->makeAbsolute(*symbol, llvm::orc::ExecutorAddr::fromPtr(there.address));
    taken.push_back(symbol);
  }
  return taken;
}

}  // namespace kiln::jit
