#include "jit/link/linker.h"

#include <algorithm>
#include <utility>

#include <llvm/ADT/DenseSet.h>
#include <llvm/ExecutionEngine/JITLink/JITLink.h>

#include "jit/link/cpu_features.h"
#include "jit/link/debug_objects.h"
#include "jit/link/exit_functions.h"
#include "jit/link/graph_linker.h"
#include "jit/link/image_code.h"
#include "jit/link/imports.h"
#include "jit/link/initializers.h"
#include "jit/link/merge_graphs.h"
#include "jit/link/object_graphs.h"
#include "jit/link/take_state.h"
#include "kiln/error.h"

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

// A part of .init_array or .fini_array in memory.
struct PlacedTable {
  void (**first)();
  size_t count;
  unsigned priority;
};

std::vector<PlacedTable> Placed(const std::vector<FunctionTable>& tables) {
  std::vector<PlacedTable> placed;
  placed.reserve(tables.size());
  for (const FunctionTable& table : tables) {
    placed.push_back({table.start->getAddress().toPtr<void (**)()>(), table.count, table.priority});
  }
  return placed;
}

// A function that only its object knows by name. Linking drops such names, since code is referred
// to by its place; tools want them.
struct LocalFunction {
  llvm::StringRef name;
  const jitlink::Block* block;
  uint64_t offset;
  uint64_t size;
};

std::vector<LocalFunction> LocalFunctionsOf(jitlink::LinkGraph& graph) {
  std::vector<LocalFunction> functions;
  for (const jitlink::Symbol* symbol : graph.defined_symbols()) {
    if (symbol->isCallable() && symbol->hasName() && symbol->getScope() == jitlink::Scope::Local &&
        IsInMemory(symbol->getBlock().getSection())) {
      functions.push_back(
          {symbol->getName(), &symbol->getBlock(), symbol->getOffset(), symbol->getSize()});
    }
  }
  return functions;
}

// Adds those of `functions` whose code is still there.
void AddLocalFunctions(jitlink::LinkGraph& graph, const std::vector<LocalFunction>& functions,
                       std::vector<ImageSymbol>* symbols) {
  if (functions.empty()) return;
  const llvm::DenseSet<const jitlink::Block*> blocks(graph.blocks().begin(), graph.blocks().end());
  for (const LocalFunction& function : functions) {
    if (!blocks.contains(function.block)) continue;
    const llvm::orc::ExecutorAddr address = function.block->getAddress() + function.offset;
    symbols->push_back({function.name, address.toPtr<char*>(), static_cast<uint32_t>(function.size),
                        ImageSymbol::Visibility::kLocal,
                        /*is_function=*/true, /*is_variable=*/false});
  }
}

// The symbols of an image, as the graph has them once it has addresses. The names are the graph's.
std::vector<ImageSymbol> SymbolsOf(jitlink::LinkGraph& graph,
                                   const std::vector<const jitlink::Symbol*>& taken,
                                   const std::vector<LocalFunction>& local_functions,
                                   bool keep_hidden) {
  using Visibility = ImageSymbol::Visibility;
  std::vector<ImageSymbol> symbols;
  const auto add = [&](const jitlink::Symbol& symbol, bool is_variable) {
    if (!symbol.hasName() || symbol.getScope() == jitlink::Scope::Local) return;
    const bool is_global = symbol.getScope() == jitlink::Scope::Default;
    const bool is_kept = keep_hidden && is_variable && symbol.getScope() == jitlink::Scope::Hidden;
    if (!is_global && !is_kept && !symbol.isCallable()) return;
    symbols.push_back({symbol.getName(), symbol.getAddress().toPtr<char*>(),
                       static_cast<uint32_t>(symbol.getSize()),
                       is_global ? Visibility::kGlobal
                       : is_kept ? Visibility::kHidden
                                 : Visibility::kLocal,
                       symbol.isCallable(), is_variable});
  };
  for (const jitlink::Section& section : graph.sections()) {
    if (!IsInMemory(section)) continue;
    const bool is_variable = HoldsVariables(section);
    for (const jitlink::Symbol* symbol : section.symbols()) add(*symbol, is_variable);
  }
  for (const jitlink::Symbol* symbol : taken) add(*symbol, /*is_variable=*/true);
  AddLocalFunctions(graph, local_functions, &symbols);
  return symbols;
}

// What the tables in memory hold; null where that is nothing.
std::unique_ptr<LoadedImage::Code::Calls> CallsIn(const std::vector<PlacedTable>& at_load,
                                                  const std::vector<PlacedTable>& at_unload) {
  if (at_load.empty() && at_unload.empty()) return nullptr;
  const auto add = [](const PlacedTable& table, LoadedImage::Code::FunctionList* list) {
    list->insert(list->end(), table.first, table.first + table.count);
  };
  auto calls = std::make_unique<LoadedImage::Code::Calls>();
  for (const PlacedTable& table : at_load) add(table, &calls->constructors);
  for (const PlacedTable& table : at_unload) {
    add(table,
        table.priority == kNoPriority ? &calls->plain_destructors : &calls->ranked_destructors);
  }
  return calls;
}

}  // namespace

LoadedImage::LoadedImage(std::shared_ptr<Code> code) : code_(std::move(code)) {}

LoadedImage::~LoadedImage() = default;

void* LoadedImage::Find(std::string_view symbol) const {
  return code_->symbols.FindGlobal(symbol).address;
}

std::vector<std::string_view> LoadedImage::names() const {
  std::vector<std::string_view> names;
  code_->symbols.ForEach([&](const ImageSymbol& symbol) {
    if (symbol.visibility == ImageSymbol::Visibility::kGlobal) names.push_back(symbol.name);
  });
  return names;
}

const std::string& LoadedImage::name() const { return code_->name(); }

std::vector<std::string> LoadedImage::exports() const {
  std::vector<std::string> exports;
  for (const std::string_view symbol : names()) {
    if (const std::string_view name = ExportName(symbol); !name.empty()) exports.emplace_back(name);
  }
  return exports;
}

void LoadedImage::RunConstructors() { code_->RunConstructors(); }

Linker::Linker(AddressMap builtins) : builtins_(std::move(builtins)) {}

Linker::~Linker() = default;

std::shared_ptr<Linker> Linker::Create(AddressMap builtins) {
  MemorySizes sizes;
  sizes.of(MemoryPart::kCode) = 1;
  if (!CodeMemory::OfProcess().Take(sizes)) {
    throw kiln::Error("RuntimeError", "this process gets no memory that code can run in");
  }
  return std::shared_ptr<Linker>(new Linker(std::move(builtins)));
}

std::shared_ptr<LoadedImage> Linker::Link(const Artifact& artifact, LinkInputs inputs) {
  CheckCpu(artifact);
  std::vector<ObjectGraph> objects = ReadObjects(artifact);
  auto code = std::make_shared<LoadedImage::Code>(shared_from_this(), artifact.name);
  for (const std::string& library : artifact.libraries) {
    code->libraries.Open(library, artifact.name);
  }

  ObjectGraph graph = objects.size() == 1 ? nullptr : MergeGraphs(objects, artifact.name);
  jitlink::LinkGraph* const whole = graph != nullptr ? graph.get() : objects.front().get();
  const jitlink::Symbol* const dso_handle = DefineDsoHandle(whole, code.get());
  Initializers initializers;
  std::vector<const jitlink::Symbol*> taken;
  const void* near = nullptr;
  if (inputs.state_of == nullptr) {
    initializers = KeepInitializers(whole);
  } else {
    taken = TakeState(whole, inputs.state_of->code_->symbols, artifact.name);
    if (!taken.empty()) near = taken.front()->getAddress().toPtr<void*>();
  }
  BindImports(whole, objects, inputs, code->libraries, builtins_, artifact.name);
  if (graph == nullptr) graph = std::move(objects.front());
  code->images = std::move(inputs.images);
  if (inputs.state_of != nullptr) code->images.push_back(std::move(inputs.state_of));

  DebugObjects debug_objects(artifact, objects, *graph);
  const std::vector<LocalFunction> local_functions = LocalFunctionsOf(*graph);
  std::vector<PlacedTable> at_load;
  std::vector<PlacedTable> at_unload;
  code->Adopt(LinkInMemory(std::move(graph), artifact.name, near, [&](jitlink::LinkGraph& placed) {
    code->symbols = ImageSymbols(SymbolsOf(placed, taken, local_functions, inputs.keep_hidden));
    at_load = Placed(initializers.at_load);
    at_unload = Placed(initializers.at_unload);
    if (dso_handle != nullptr) code->dso_handle = dso_handle->getAddress().toPtr<void*>();
    debug_objects.Place(placed);
  }));
  for (std::string& object : debug_objects.WithAddresses(code->frames())) {
    code->debugged.push_back(std::make_unique<DebuggedObject>(std::move(object)));
  }
  code->calls = CallsIn(at_load, at_unload);
  if (inputs.run_constructors) code->RunConstructors();
  return std::shared_ptr<LoadedImage>(new LoadedImage(std::move(code)));
}

}  // namespace kiln::jit
