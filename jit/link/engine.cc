#include "jit/link/engine.h"

#include <utility>
#include <vector>

#include <llvm/ExecutionEngine/JITLink/EHFrameSupport.h>
#include <llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h>
#include <llvm/ExecutionEngine/Orc/ExecutorProcessControl.h>
#include <llvm/ExecutionEngine/Orc/TaskDispatch.h>

#include "jit/link/llvm_error.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

namespace orc = llvm::orc;
namespace jitlink = llvm::jitlink;

constexpr uint64_t kSweepEvery = 1024;

// How JITLink's report about a relocation reads where its target is too far away, and what it
// means.
constexpr char kTooFar[] = "is out of range of";
constexpr char kTooFarAdvice[] =
    "; the code takes the symbol to be near, and it is not: compile the code with -fPIC, and "
    "declare "
    "the symbol with default visibility";

// What ORC reported while this thread linked. A failed lookup only says which symbols it lacks; the
// reason comes this way.
thread_local std::string reports;

std::unique_ptr<orc::ExecutorProcessControl> ThisProcess() {
  return Take(orc::SelfExecutorProcessControl::Create(
                  nullptr, std::make_unique<orc::InPlaceTaskDispatcher>()),
              "RuntimeError", "cannot link code in this process");
}

std::unique_ptr<jitlink::JITLinkMemoryManager> CodeMemory() {
  return Take(jitlink::InProcessMemoryManager::Create(), "RuntimeError",
              "cannot get memory for code");
}

orc::SymbolLookupSet ExportedNames(const jitlink::LinkGraph& graph,
                                   orc::ExecutionSession* session) {
  orc::SymbolLookupSet names;
  for (const jitlink::Symbol* symbol : graph.defined_symbols()) {
    if (symbol->hasName() && symbol->getScope() == jitlink::Scope::Default) {
      names.add(session->intern(symbol->getName()));
    }
  }
  return names;
}

orc::SymbolMap AbsoluteSymbols(const SymbolAddresses& addresses, orc::ExecutionSession* session) {
  orc::SymbolMap symbols;
  for (const auto& [name, address] : addresses) {
    symbols[session->intern(name)] = {orc::ExecutorAddr::fromPtr(address),
                                      llvm::JITSymbolFlags::Exported};
  }
  return symbols;
}

// libgcc takes a zero word for the end of the frames, and aligned records have such words between
// them once unused ones are dropped.
void PackFrames(jitlink::LinkGraph* graph) {
  jitlink::Section* frames = graph->findSectionByName(".eh_frame");
  if (frames == nullptr) return;
  for (jitlink::Block* block : frames->blocks()) {
    block->setAlignment(1);
    block->setAlignmentOffset(0);
  }
}

}  // namespace

Linker::Engine::Engine() : session_(ThisProcess()), layer_(session_, CodeMemory()) {
  session_.setErrorReporter([](llvm::Error error) {
    reports += (reports.empty() ? "" : "; ") + TextOf(std::move(error));
  });
  layer_.addPlugin(std::make_shared<orc::EHFrameRegistrationPlugin>(
      session_, std::make_unique<jitlink::InProcessEHFrameRegistrar>()));
}

Linker::Engine::~Engine() { llvm::consumeError(session_.endSession()); }

orc::JITDylib& Linker::Engine::AddDylib(const std::string& name) {
  return session_.createBareJITDylib(name + "#" + std::to_string(added_++));
}

SymbolAddresses Linker::Engine::Link(orc::JITDylib* dylib,
                                     std::unique_ptr<jitlink::LinkGraph> graph,
                                     const SymbolAddresses& imports, const std::string& name) {
  const std::string what = "cannot link '" + name + "'";
  PackFrames(graph.get());
  orc::SymbolLookupSet names = ExportedNames(*graph, &session_);
  if (!imports.empty()) {
    Check(dylib->define(orc::absoluteSymbols(AbsoluteSymbols(imports, &session_))), "LinkError",
          what);
  }
  Check(layer_.add(*dylib, std::move(graph)), "LinkError", what);

  reports.clear();
  const orc::JITDylibSearchOrder order = {
      {dylib, orc::JITDylibLookupFlags::MatchExportedSymbolsOnly}};
  llvm::Expected<orc::SymbolMap> found = session_.lookup(order, std::move(names));
  if (!found) {
    const std::string outcome = TextOf(found.takeError());
    std::string reason = reports.empty() ? outcome : reports;
    if (reason.find(kTooFar) != std::string::npos) reason += kTooFarAdvice;
    throw kiln::Error("LinkError", what + ": " + reason);
  }
  SymbolAddresses addresses;
  for (const auto& [symbol, definition] : *found) {
    addresses.emplace((*symbol).str(), definition.getAddress().toPtr<void*>());
  }
  return addresses;
}

void Linker::Engine::Remove(orc::JITDylib* dylib) noexcept {
  llvm::consumeError(session_.removeJITDylib(*dylib));
  // Names of images that are gone stay in ORC's pool until it is swept.
  if (++removed_ % kSweepEvery == 0) session_.getSymbolStringPool()->clearDeadEntries();
}

Linker::EnginePool::EnginePool() { Take(); }

Linker::EnginePool::Lease Linker::EnginePool::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) {
    idle_.reserve(engines_.size() + 1);
    idle_.push_back(engines_.emplace_back(std::make_unique<Engine>()).get());
  }
  Engine* const engine = idle_.back();
  idle_.pop_back();
  return Lease(engine, Return{this});
}

void Linker::EnginePool::Return::operator()(Engine* engine) const noexcept {
  const std::lock_guard lock(pool->mutex_);
  pool->idle_.push_back(engine);
}

}  // namespace kiln::jit
