#include "jit/link/linker.h"

#include <algorithm>
#include <utility>

#include <llvm/ExecutionEngine/JITLink/JITLink.h>
#include <llvm/Support/MemoryBufferRef.h>

#include "jit/artifact/nearest_name.h"
#include "jit/link/cpu_features.h"
#include "jit/link/engine.h"
#include "jit/link/host_symbols.h"
#include "jit/link/initializers.h"
#include "jit/link/llvm_error.h"
#include "kiln/error.h"

extern "C" void __cxa_finalize(void* dso_handle);

namespace kiln::jit {
namespace {

namespace jitlink = llvm::jitlink;

// JITLink makes this one itself.
constexpr std::string_view kGlobalOffsetTable = "_GLOBAL_OFFSET_TABLE_";

void CheckCpu(const Artifact& artifact) {
  const std::vector<std::string> missing = MissingCpuFeatures(artifact.features);
  if (missing.empty()) return;
  std::string list;
  for (const std::string& feature : missing) list += (list.empty() ? "" : ", ") + feature;
  throw kiln::Error("LinkError", "'" + artifact.name + "' was compiled for cpu '" + artifact.cpu +
                                     "' and needs CPU features that this machine lacks: " + list +
                                     "; compile it with cpu 'native' here, or with 'x86-64'");
}

std::unique_ptr<jitlink::LinkGraph> ReadObject(const Artifact& artifact,
                                               const std::string& object) {
  const std::string what = "the object of '" + artifact.name + "' is damaged";
  auto graph =
      Take(jitlink::createLinkGraphFromObject(llvm::MemoryBufferRef(object, artifact.name)),
           "LinkError", what);
  if (graph->getTargetTriple().getArch() != llvm::Triple::x86_64) {
    throw kiln::Error("LinkError", "'" + artifact.name + "' was compiled for '" +
                                       graph->getTargetTriple().str() +
                                       "', and this machine is x86_64");
  }
  return graph;
}

[[noreturn]] void RefuseMissing(const Artifact& artifact, const std::vector<std::string>& missing) {
  std::vector<std::string_view> known;
  for (const HostSymbol& symbol : AbiSymbols()) known.push_back(symbol.name);
  std::string message =
      "'" + artifact.name + "' needs " +
      (missing.size() == 1 ? "a symbol" : std::to_string(missing.size()) + " symbols") +
      " that neither it nor this process defines:";
  for (const std::string& name : missing) message += "\n  " + name + DidYouMean(name, known);
  throw kiln::Error("LinkError", message);
}

// Finds what the graph does not define. A weak symbol that no one has is left out: it becomes null.
SymbolAddresses FindImports(const Artifact& artifact, jitlink::LinkGraph* graph) {
  SymbolAddresses imports;
  std::vector<std::string> missing;
  for (const jitlink::Symbol* symbol : graph->external_symbols()) {
    std::string name = symbol->getName().str();
    if (name == kGlobalOffsetTable) continue;
    if (void* address = FindHostSymbol(name)) {
      imports.emplace(std::move(name), address);
    } else if (!symbol->isWeaklyReferenced()) {
      missing.push_back(std::move(name));
    }
  }
  if (missing.empty()) return imports;
  std::sort(missing.begin(), missing.end());
  RefuseMissing(artifact, missing);
}

using FunctionList = std::vector<void (*)()>;

// The functions of `tables` in the order of the tables. Takes the tables' names out of `symbols`.
FunctionList TakeFunctions(const std::vector<FunctionTable>& tables, SymbolAddresses* symbols) {
  FunctionList functions;
  for (const FunctionTable& table : tables) {
    const auto found = symbols->find(table.symbol);
    auto* const first = reinterpret_cast<void (**)()>(found->second);
    functions.insert(functions.end(), first, first + table.count);
    symbols->erase(found);
  }
  return functions;
}

}  // namespace

// The code of an image, and what has to run before it goes.
struct LoadedImage::Memory {
  explicit Memory(std::shared_ptr<Linker> owner, const std::string& name)
      : linker(std::move(owner)), dylib(&linker->engine_->AddDylib(name)) {}

  ~Memory() {
    if (dso_handle != nullptr) __cxa_finalize(dso_handle);
    for (void (*function)() : at_unload) function();
    linker->engine_->Remove(dylib);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::shared_ptr<Linker> linker;
  llvm::orc::JITDylib* dylib;
  void* dso_handle = nullptr;
  FunctionList at_unload;
};

LoadedImage::LoadedImage(const Artifact& artifact, std::unique_ptr<Memory> memory)
    : name_(artifact.name), exports_(artifact.exports), memory_(std::move(memory)) {}

LoadedImage::~LoadedImage() = default;

void* LoadedImage::Find(std::string_view symbol) const {
  const auto found = symbols_.find(symbol);
  return found == symbols_.end() ? nullptr : found->second;
}

Linker::Linker(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

Linker::~Linker() = default;

std::shared_ptr<Linker> Linker::Create() {
  return std::shared_ptr<Linker>(new Linker(std::make_unique<Engine>()));
}

std::shared_ptr<LoadedImage> Linker::Link(const Artifact& artifact) {
  CheckCpu(artifact);
  if (artifact.objects.size() != 1) {
    throw kiln::Error("LinkError", "'" + artifact.name + "' has " +
                                       std::to_string(artifact.objects.size()) +
                                       " objects, and one can be linked");
  }
  std::unique_ptr<jitlink::LinkGraph> graph = ReadObject(artifact, artifact.objects.front());
  const bool has_dso_handle = DefineDsoHandle(graph.get());
  const Initializers initializers = NameInitializers(graph.get());
  const SymbolAddresses imports = FindImports(artifact, graph.get());

  auto memory = std::make_unique<LoadedImage::Memory>(shared_from_this(), artifact.name);
  llvm::orc::JITDylib* const dylib = memory->dylib;
  std::shared_ptr<LoadedImage> image(new LoadedImage(artifact, std::move(memory)));
  image->symbols_ = engine_->Link(dylib, std::move(graph), imports, artifact.name);

  if (has_dso_handle) image->memory_->dso_handle = image->Find(kDsoHandle);
  const FunctionList at_load = TakeFunctions(initializers.at_load, &image->symbols_);
  FunctionList at_unload = TakeFunctions(initializers.at_unload, &image->symbols_);
  for (void (*function)() : at_load) function();
  // Only an image whose constructors ran gets its destructors run; the last entry goes first.
  image->memory_->at_unload.assign(at_unload.rbegin(), at_unload.rend());
  return image;
}

}  // namespace kiln::jit
