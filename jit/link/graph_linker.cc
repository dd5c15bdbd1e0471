#include "jit/link/graph_linker.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>

#include "jit/link/linked_frames.h"
#include "jit/link/llvm_error.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

namespace orc = llvm::orc;
namespace jitlink = llvm::jitlink;

// How JITLink's report about a relocation reads where its target is too far away, and what it
// means.
constexpr char kTooFar[] = "is out of range of";
constexpr char kTooFarAdvice[] =
    "; the code takes the symbol to be near, and it is not: compile the code with -fPIC, and "
    "declare "
    "the symbol with default visibility";

constexpr llvm::StringLiteral kFrames = ".eh_frame";
constexpr size_t kFramesEnd = 4;  // the zero word that ends them

bool Has(orc::MemProt protection, orc::MemProt bit) {
  return (static_cast<unsigned>(protection) & static_cast<unsigned>(bit)) != 0;
}

MemoryPart PartFor(orc::MemProt protection) {
  if (Has(protection, orc::MemProt::Write)) return MemoryPart::kVariables;
  return Has(protection, orc::MemProt::Exec) ? MemoryPart::kCode : MemoryPart::kConstants;
}

llvm::Error Fault(const std::string& text) {
  return llvm::make_error<llvm::StringError>(text, llvm::inconvertibleErrorCode());
}

// What `step` returns. An exception must not pass through LLVM's frames: it becomes an error.
template <class Step>
llvm::Error Guarded(Step step) {
  try {
    return step();
  } catch (const std::exception& exception) {
    return Fault(exception.what());
  }
}

// CodeMemory as JITLink sees it, for one graph. Variables are made in place, the other parts aside.
class GraphMemory : public jitlink::JITLinkMemoryManager {
 public:
  explicit GraphMemory(const void* near) : near_(near) {}

  ImageMemory Take() { return std::move(memory_); }

  void allocate(const jitlink::JITLinkDylib*, jitlink::LinkGraph& graph,
                OnAllocatedFunction on_allocated) override {
    if (llvm::Error error = Guarded([&] { return Place(graph); })) {
      return on_allocated(std::move(error));
    }
    on_allocated(std::make_unique<InFlight>(this));
  }

  void deallocate(std::vector<FinalizedAlloc> allocations,
                  OnDeallocatedFunction on_deallocated) override {
    for (FinalizedAlloc& allocation : allocations) allocation.release();
    on_deallocated(llvm::Error::success());
  }

 private:
  // Of the two outcomes one comes to pass.
  class InFlight : public InFlightAlloc {
   public:
    explicit InFlight(GraphMemory* memory) : memory_(memory) {}

    void finalize(OnFinalizedFunction on_finalized) override {
      if (llvm::Error error = memory_->Write()) return on_finalized(std::move(error));
      on_finalized(FinalizedAlloc(orc::ExecutorAddr::fromPtr(memory_)));
    }

    void abandon(OnAbandonedFunction on_abandoned) override {
      memory_->memory_ = ImageMemory();
      on_abandoned(llvm::Error::success());
    }

   private:
    GraphMemory* memory_;
  };

  static llvm::Error CheckSections(jitlink::LinkGraph& graph) {
    for (const jitlink::Section& section : graph.sections()) {
      if (Has(section.getMemProt(), orc::MemProt::Write) &&
          Has(section.getMemProt(), orc::MemProt::Exec)) {
        return Fault("section '" + section.getName().str() +
                     "' is writable and executable: code that changes itself can't be loaded");
      }
      for (const jitlink::Block* block : section.blocks()) {
        if (block->getSize() >> 31 != 0) {
          return Fault("section '" + section.getName().str() + "' takes " +
                       std::to_string(block->getSize()) +
                       " bytes: code can reach no more than 2 GB");
        }
      }
    }
    return llvm::Error::success();
  }

  llvm::Error Place(jitlink::LinkGraph& graph) {
    if (llvm::Error error = CheckSections(graph)) return error;
    jitlink::BasicLayout layout(graph);
    MemorySizes sizes;
    // Several segments may become one part: where each begins in it.
    std::vector<size_t> begins;
    for (auto& [group, segment] : layout.segments()) {
      const auto part = static_cast<size_t>(PartFor(group.getMemProt()));
      const size_t begin = llvm::alignTo(sizes.size[part], segment.Alignment);
      begins.push_back(begin);
      sizes.size[part] = begin + segment.ContentSize + segment.ZeroFillSize;
      sizes.alignment[part] = std::max<size_t>(sizes.alignment[part], segment.Alignment.value());
      // What a symbol marks has an address, even where nothing is there.
      sizes.size[part] = std::max<size_t>(sizes.size[part], 1);
    }
    std::optional<ImageMemory> memory = CodeMemory::OfProcess().Take(sizes, near_);
    if (!memory) {
      return Fault("there is no memory for " + std::to_string(sizes.of(MemoryPart::kCode)) +
                   " bytes of code, " + std::to_string(sizes.of(MemoryPart::kConstants)) +
                   " of constants and " + std::to_string(sizes.of(MemoryPart::kVariables)) +
                   " of variables; they must lie within 2 GB, and none be aligned to more than a "
                   "page");
    }
    memory_ = std::move(*memory);
    code_.assign(sizes.of(MemoryPart::kCode), '\0');
    constants_.assign(sizes.of(MemoryPart::kConstants), '\0');
    auto begin = begins.begin();
    for (auto& [group, segment] : layout.segments()) {
      const MemoryPart part = PartFor(group.getMemProt());
      char* const target = memory_.begin(part) + *begin;
      segment.Addr = orc::ExecutorAddr::fromPtr(target);
      segment.WorkingMem = part == MemoryPart::kVariables ? target
                           : part == MemoryPart::kCode    ? code_.data() + *begin
                                                          : constants_.data() + *begin;
      ++begin;
    }
    return layout.apply();
  }

  llvm::Error Write() {
    if (memory_.Write(MemoryPart::kConstants, constants_) &&
        memory_.Write(MemoryPart::kCode, code_)) {
      return llvm::Error::success();
    }
    memory_ = ImageMemory();
    return Fault("this process may not write code into its memory");
  }

  const void* near_;
  ImageMemory memory_;
  std::string code_;
  std::string constants_;
};

// What other images and tools may ask for stays, and what that needs; the rest falls out.
llvm::Error MarkNamedSymbolsLive(jitlink::LinkGraph& graph) {
  for (jitlink::Symbol* symbol : graph.defined_symbols()) {
    if (symbol->hasName() && symbol->getScope() != jitlink::Scope::Local) symbol->setLive(true);
  }
  return llvm::Error::success();
}

// libgcc takes a zero word for the end of the frames, and aligned records have such words between
// them once unused ones are dropped.
void PackFrames(jitlink::LinkGraph* graph) {
  jitlink::Section* frames = graph->findSectionByName(kFrames);
  if (frames == nullptr) return;
  for (jitlink::Block* block : frames->blocks()) {
    block->setAlignment(1);
    block->setAlignmentOffset(0);
  }
}

std::string_view FramesOf(jitlink::LinkGraph& graph) {
  jitlink::Section* const frames = graph.findSectionByName(kFrames);
  if (frames == nullptr || !IsInMemory(*frames)) return {};
  const jitlink::SectionRange range(*frames);
  if (range.getSize() <= kFramesEnd) return {};
  return {range.getStart().toPtr<const char*>(), static_cast<size_t>(range.getSize())};
}

// What came of a link. It outlives the context, which dies with the link.
struct Outcome {
  std::optional<std::string> failure;
  std::string_view frames;
};

class Context : public jitlink::JITLinkContext {
 public:
  Context(GraphMemory* memory, Outcome* outcome,
          llvm::function_ref<void(jitlink::LinkGraph&)> on_layout)
      : JITLinkContext(nullptr), memory_(memory), outcome_(outcome), on_layout_(on_layout) {}

  jitlink::JITLinkMemoryManager& getMemoryManager() override { return *memory_; }

  void notifyFailed(llvm::Error error) override { outcome_->failure = TextOf(std::move(error)); }

  void lookup(const LookupMap& symbols,
              std::unique_ptr<jitlink::JITLinkAsyncLookupContinuation> then) override {
    std::string names;
    for (const auto& [name, flags] : symbols) names += (names.empty() ? "" : ", ") + name.str();
    then->run(Fault("symbols are not defined: " + names));
  }

  llvm::Error notifyResolved(jitlink::LinkGraph& graph) override {
    outcome_->frames = FramesOf(graph);
    return Guarded([&] {
      on_layout_(graph);
      return llvm::Error::success();
    });
  }

  void notifyFinalized(jitlink::JITLinkMemoryManager::FinalizedAlloc allocation) override {
    if (allocation) allocation.release();
  }

  jitlink::LinkGraphPassFunction getMarkLivePass(const llvm::Triple&) const override {
    return MarkNamedSymbolsLive;
  }

 private:
  GraphMemory* memory_;
  Outcome* outcome_;
  llvm::function_ref<void(jitlink::LinkGraph&)> on_layout_;
};

}  // namespace

LinkedGraph LinkInMemory(ObjectGraph graph, const std::string& name, const void* near,
                         llvm::function_ref<void(jitlink::LinkGraph&)> on_layout) {
  PackFrames(graph.get());
  GraphMemory memory(near);
  Outcome outcome;
  jitlink::link(std::move(graph), std::make_unique<Context>(&memory, &outcome, on_layout));
  if (outcome.failure) {
    std::string reason = *std::move(outcome.failure);
    if (reason.find(kTooFar) != std::string::npos) reason += kTooFarAdvice;
    throw kiln::Error("LinkError", "cannot link '" + name + "': " + reason);
  }
  LinkedGraph linked{memory.Take()};
  if (outcome.frames.empty()) return linked;
  const std::string_view code(linked.memory.begin(MemoryPart::kCode),
                              linked.memory.size(MemoryPart::kCode));
  if (const std::optional<std::string> fault = FaultInLinkedFrames(outcome.frames, code)) {
    throw kiln::Error("LinkError", "cannot link '" + name + "': " + *fault);
  }
  linked.frames = const_cast<char*>(outcome.frames.data());
  return linked;
}

}  // namespace kiln::jit
