#include "jit/link/linker.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <llvm/ExecutionEngine/JITLink/JITLink.h>

#include "jit/link/cpu_features.h"
#include "jit/link/engine.h"
#include "jit/link/exit_functions.h"
#include "jit/link/imports.h"
#include "jit/link/initializers.h"
#include "jit/link/merge_graphs.h"
#include "jit/link/object_graphs.h"
#include "jit/link/shared_libraries.h"
#include "kiln/error.h"

extern "C" void __cxa_finalize(void* dso_handle);

namespace kiln::jit {
namespace {

namespace jitlink = llvm::jitlink;

void CheckCpu(const Artifact& artifact) {
  const std::vector<std::string> missing = MissingCpuFeatures(artifact.features);
  if (missing.empty()) return;
  std::string list;
  for (const std::string& feature : missing) list += (list.empty() ? "" : ", ") + feature;
  throw kiln::Error("LinkError", "'" + artifact.name + "' was compiled for cpu '" + artifact.cpu +
                                     "' and needs CPU features that this machine lacks: " + list +
                                     "; compile it with cpu 'native' here, or with 'x86-64'");
}

using FunctionList = std::vector<void (*)()>;

// The functions of `tables` in the order of the tables.
FunctionList FunctionsOf(const std::vector<FunctionTable>& tables, const SymbolAddresses& symbols) {
  FunctionList functions;
  for (const FunctionTable& table : tables) {
    auto* const first = reinterpret_cast<void (**)()>(symbols.find(table.symbol)->second);
    functions.insert(functions.end(), first, first + table.count);
  }
  return functions;
}

void Forget(const std::vector<FunctionTable>& tables, SymbolAddresses* symbols) {
  for (const FunctionTable& table : tables) symbols->erase(table.symbol);
}

// Runs constructors. What they throw lies in code that goes when the link fails: it is replaced.
void RunConstructors(const FunctionList& constructors, const std::string& name) {
  std::string kind = "LinkError";
  std::string failure = "a constructor of '" + name + "' threw ";
  try {
    for (void (*constructor)() : constructors) constructor();
    return;
  } catch (const kiln::Error& error) {
    kind = error.kind();
    failure = error.message();
  } catch (const std::exception& error) {
    failure += std::string("an exception: ") + error.what();
  } catch (...) {
    failure += "an exception of a foreign type";
  }
  throw kiln::Error(kind, failure);
}

}  // namespace

// The code of an image, what it leans on, and what has to run before it goes.
class LoadedImage::Memory : public ExitScope {
 public:
  explicit Memory(std::shared_ptr<Linker> linker) : linker_(std::move(linker)) {}

  // The last destructor goes first. Those that C++ registers while it runs lie, as in a shared
  // library, between those without and those with a priority.
  ~Memory() override {
    for (auto function = plain.rbegin(); function != plain.rend(); ++function) (*function)();
    if (dso_handle != nullptr) __cxa_finalize(dso_handle);
    for (auto function = ranked.rbegin(); function != ranked.rend(); ++function) (*function)();
    if (dylib_ != nullptr) engine_->Remove(dylib_);
  }

  // Links `graph`; once only.
  SymbolAddresses Link(ObjectGraph graph, const SymbolAddresses& imports, const std::string& name) {
    const Linker::EnginePool::Lease engine = linker_->engines_->Take();
    engine_ = engine.get();
    dylib_ = &engine_->AddDylib(name);
    return engine_->Link(dylib_, std::move(graph), imports, name);
  }

  SharedLibraries libraries;
  std::vector<std::shared_ptr<LoadedImage>> images;
  void* dso_handle = nullptr;
  FunctionList ranked;  // destructors that have a priority, and those that have none
  FunctionList plain;

 private:
  std::shared_ptr<Linker> linker_;
  Linker::Engine* engine_ = nullptr;  // of linker_
  llvm::orc::JITDylib* dylib_ = nullptr;
};

LoadedImage::LoadedImage(const Artifact& artifact, std::shared_ptr<Memory> memory)
    : name_(artifact.name), exports_(artifact.exports), memory_(std::move(memory)) {}

LoadedImage::~LoadedImage() = default;

void* LoadedImage::Find(std::string_view symbol) const {
  const auto found = symbols_.find(symbol);
  return found == symbols_.end() ? nullptr : found->second;
}

Linker::Linker(std::unique_ptr<EnginePool> engines, AddressMap builtins)
    : engines_(std::move(engines)), builtins_(std::move(builtins)) {}

Linker::~Linker() = default;

std::shared_ptr<Linker> Linker::Create(AddressMap builtins) {
  return std::shared_ptr<Linker>(new Linker(std::make_unique<EnginePool>(), std::move(builtins)));
}

std::shared_ptr<LoadedImage> Linker::Link(const Artifact& artifact, LinkInputs inputs) {
  CheckCpu(artifact);
  std::vector<ObjectGraph> objects = ReadObjects(artifact);
  auto memory = std::make_shared<LoadedImage::Memory>(shared_from_this());
  for (const std::string& library : artifact.libraries) {
    memory->libraries.Open(library, artifact.name);
  }

  ObjectGraph graph = objects.size() == 1 ? nullptr : MergeGraphs(objects, artifact.name);
  jitlink::LinkGraph* const whole = graph != nullptr ? graph.get() : objects.front().get();
  const bool has_dso_handle = DefineDsoHandle(whole, memory.get());
  const Initializers initializers = NameInitializers(whole);
  const SymbolAddresses imports =
      FindImports(whole, objects, inputs, memory->libraries, builtins_, artifact.name);
  if (graph == nullptr) graph = std::move(objects.front());

  memory->images = std::move(inputs.images);
  std::shared_ptr<LoadedImage> image(new LoadedImage(artifact, memory));
  SymbolAddresses& symbols = image->symbols_;
  symbols = memory->Link(std::move(graph), imports, artifact.name);
  const FunctionList at_load = FunctionsOf(initializers.at_load, symbols);
  const std::vector<FunctionTable>& tables = initializers.at_unload;
  const auto first_plain = std::find_if(tables.begin(), tables.end(), [](const FunctionTable& t) {
    return t.priority == kNoPriority;
  });
  FunctionList ranked = FunctionsOf({tables.begin(), first_plain}, symbols);
  FunctionList plain = FunctionsOf({first_plain, tables.end()}, symbols);
  if (has_dso_handle) memory->dso_handle = image->Find(kDsoHandle);
  Forget(initializers.at_load, &symbols);
  Forget(initializers.at_unload, &symbols);
  symbols.erase(kDsoHandle);

  RunConstructors(at_load, artifact.name);
  // Only an image whose constructors ran gets its destructors run.
  memory->ranked = std::move(ranked);
  memory->plain = std::move(plain);
  return image;
}

}  // namespace kiln::jit
