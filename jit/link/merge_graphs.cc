#include "jit/link/merge_graphs.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <llvm/ADT/DenseMap.h>
#include <llvm/ExecutionEngine/JITLink/x86_64.h>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

LLVM_ENABLE_BITMASK_ENUMS_IN_NAMESPACE();

using llvm::jitlink::Block;
using llvm::jitlink::Edge;
using llvm::jitlink::Linkage;
using llvm::jitlink::LinkGraph;
using llvm::jitlink::Scope;
using llvm::jitlink::Section;
using llvm::jitlink::Symbol;
using llvm::orc::ExecutorAddr;

// Where JITLink puts variables that C leaves without an initial value, under gcc's -fcommon.
constexpr llvm::StringLiteral kCommonSection = ".common";

bool IsCommon(const Symbol& symbol) {
  return symbol.isDefined() && symbol.getBlock().getSection().getName() == kCommonSection;
}

struct Definition {
  const Symbol* symbol;
  const LinkGraph* object;

  // A definition of a higher rank takes the place of one of a lower.
  int rank() const {
    if (symbol->getLinkage() == Linkage::Weak) return 0;
    return IsCommon(*symbol) ? 1 : 2;
  }
};

// The definitions that other objects see.
class Definitions {
 public:
  Definitions(const std::vector<ObjectGraph>& objects, const std::string& name) {
    for (const ObjectGraph& object : objects) {
      for (const Symbol* symbol : object->defined_symbols()) Add(*symbol, *object);
      for (const Symbol* symbol : object->absolute_symbols()) Add(*symbol, *object);
    }
    if (!clashes_.empty()) Refuse(name);
  }

  // Null where no object defines the name.
  const Symbol* Find(llvm::StringRef name) const {
    const auto found = chosen_.find(name);
    return found == chosen_.end() ? nullptr : found->second.symbol;
  }

 private:
  void Add(const Symbol& symbol, const LinkGraph& object) {
    if (!symbol.hasName() || symbol.getScope() == Scope::Local) return;
    const Definition definition{&symbol, &object};
    const auto [place, is_first] = chosen_.try_emplace(symbol.getName(), definition);
    if (is_first) return;
    Definition& known = place->second;
    if (known.rank() == 2 && definition.rank() == 2) {
      clashes_.insert("\n  " + symbol.getName().str() + ", in '" + known.object->getName() +
                      "' and in '" + object.getName() + "'");
    }
    const bool is_larger = definition.rank() == 1 && symbol.getSize() > known.symbol->getSize();
    if (definition.rank() > known.rank() || (definition.rank() == known.rank() && is_larger)) {
      known = definition;
    }
  }

  [[noreturn]] void Refuse(const std::string& name) const {
    std::string message = "'" + name + "' defines " +
                          (clashes_.size() == 1 ? "a symbol" : "symbols") +
                          " in more than one object:";
    for (const std::string& clash : clashes_) message += clash;
    throw kiln::Error("LinkError", message);
  }

  llvm::DenseMap<llvm::StringRef, Definition> chosen_;
  std::set<std::string> clashes_;
};

// Copies graphs into one, block by block.
class Merger {
 public:
  Merger(LinkGraph* merged, const Definitions& definitions)
      : merged_(merged), definitions_(definitions) {}

  void CopyBlocks(LinkGraph& object) {
    for (Section& section : object.sections()) {
      Section& target = SectionLike(section);
      std::vector<Block*> blocks(section.blocks().begin(), section.blocks().end());
      std::sort(blocks.begin(), blocks.end(), [](const Block* a, const Block* b) {
        if (a->getAddress() != b->getAddress()) return a->getAddress() < b->getAddress();
        if (a->isZeroFill() || b->isZeroFill()) return a->isZeroFill() < b->isZeroFill();
        return a->getContent().data() < b->getContent().data();  // its place in the file
      });
      for (const Block* block : blocks) blocks_[block] = &Copy(*block, &target);
    }
  }

  void CopySymbols(LinkGraph& object) {
    for (const Symbol* symbol : object.defined_symbols()) {
      if (IsChosen(*symbol)) symbols_[symbol] = &CopyDefined(*symbol);
    }
    for (const Symbol* symbol : object.absolute_symbols()) {
      if (!IsChosen(*symbol)) continue;
      symbols_[symbol] =
          &merged_->addAbsoluteSymbol(symbol->getName(), symbol->getAddress(), symbol->getSize(),
                                      symbol->getLinkage(), symbol->getScope(), symbol->isLive());
    }
  }

  // After the symbols of all objects.
  void CopyEdges(LinkGraph& object) {
    for (const Block* block : object.blocks()) {
      Block* const target = blocks_.lookup(block);
      for (const Edge& edge : block->edges()) {
        target->addEdge(edge.getKind(), edge.getOffset(), Merged(edge.getTarget()),
                        edge.getAddend());
      }
    }
  }

 private:
  Section& SectionLike(const Section& section) {
    Section* found = merged_->findSectionByName(section.getName());
    if (found == nullptr) {
      found = &merged_->createSection(section.getName(), section.getMemProt());
      found->setMemLifetime(section.getMemLifetime());
    } else {
      found->setMemProt(found->getMemProt() | section.getMemProt());
      if (IsInMemory(section)) found->setMemLifetime(section.getMemLifetime());
    }
    return *found;
  }

  // Every block has an address of its own: the order of blocks, and what refers to what in
  // .eh_frame, are told by addresses until memory is given out.
  Block& Copy(const Block& block, Section* section) {
    next_address_ = llvm::alignTo(next_address_, block.getAlignment(), block.getAlignmentOffset());
    const ExecutorAddr address(next_address_);
    next_address_ += std::max<uint64_t>(block.getSize(), 1);
    if (block.isZeroFill()) {
      return merged_->createZeroFillBlock(*section, block.getSize(), address, block.getAlignment(),
                                          block.getAlignmentOffset());
    }
    return merged_->createContentBlock(*section, block.getContent(), address, block.getAlignment(),
                                       block.getAlignmentOffset());
  }

  bool IsChosen(const Symbol& symbol) const {
    if (!symbol.hasName() || symbol.getScope() == Scope::Local) return true;
    return definitions_.Find(symbol.getName()) == &symbol;
  }

  Symbol& CopyDefined(const Symbol& symbol) {
    Block& block = *blocks_.lookup(&symbol.getBlock());
    if (!symbol.hasName()) {
      return merged_->addAnonymousSymbol(block, symbol.getOffset(), symbol.getSize(),
                                         symbol.isCallable(), symbol.isLive());
    }
    return merged_->addDefinedSymbol(block, symbol.getOffset(), symbol.getName(), symbol.getSize(),
                                     symbol.getLinkage(), symbol.getScope(), symbol.isCallable(),
                                     symbol.isLive());
  }

  // The symbol of the merged graph that stands for one of an object.
  Symbol& Merged(const Symbol& symbol) {
    if (Symbol* known = symbols_.lookup(&symbol)) return *known;
    if (const Symbol* chosen = definitions_.Find(symbol.getName())) return *symbols_.lookup(chosen);
    const bool is_weak = symbol.isExternal() && symbol.isWeaklyReferenced();
    Symbol*& external = externals_[symbol.getName()];
    if (external == nullptr) {
      external = &merged_->addExternalSymbol(symbol.getName(), symbol.getSize(), is_weak);
    } else if (!is_weak) {
      external->setWeaklyReferenced(false);
    }
    return *external;
  }

  LinkGraph* merged_;
  const Definitions& definitions_;
  llvm::DenseMap<const Block*, Block*> blocks_;
  llvm::DenseMap<const Symbol*, Symbol*> symbols_;
  llvm::DenseMap<llvm::StringRef, Symbol*> externals_;
  uint64_t next_address_ = 0x1000;
};

}  // namespace

ObjectGraph MergeGraphs(const std::vector<ObjectGraph>& objects, const std::string& name) {
  const Definitions definitions(objects, name);
  const LinkGraph& first = *objects.front();
  auto merged = std::make_unique<LinkGraph>(name, first.getTargetTriple(), first.getFeatures(),
                                            first.getPointerSize(), first.getEndianness(),
                                            llvm::jitlink::x86_64::getEdgeKindName);
  Merger merger(merged.get(), definitions);
  for (const ObjectGraph& object : objects) merger.CopyBlocks(*object);
  for (const ObjectGraph& object : objects) merger.CopySymbols(*object);
  for (const ObjectGraph& object : objects) merger.CopyEdges(*object);
  return merged;
}

}  // namespace kiln::jit
