#include "jit/link/imports.h"

#include <algorithm>
#include <set>
#include <utility>

#include <llvm/Demangle/Demangle.h>
#include <llvm/Object/ELFObjectFile.h>

#include "jit/artifact/nearest_name.h"
#include "jit/link/exit_functions.h"
#include "jit/link/host_symbols.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

namespace jitlink = llvm::jitlink;

// JITLink makes this one itself.
constexpr llvm::StringLiteral kGlobalOffsetTable = "_GLOBAL_OFFSET_TABLE_";
constexpr size_t kMostNeeders = 3;

void* FindImport(const std::string& name, const LinkInputs& inputs,
                 const SharedLibraries& libraries, const AddressMap& builtins) {
  const auto given = inputs.symbols.find(name);
  if (given != inputs.symbols.end()) return reinterpret_cast<void*>(given->second);
  for (const std::shared_ptr<LoadedImage>& image : inputs.images) {
    if (void* address = image->Find(name)) return address;
  }
  if (void* address = FindExitFunction(name)) return address;
  if (void* address = FindAbiSymbol(name)) return address;
  if (void* address = libraries.Find(name)) return address;
  const auto builtin = builtins.find(name);
  if (builtin != builtins.end()) return reinterpret_cast<void*>(builtin->second);
  return FindHostSymbol(name);
}

// Adds the names that the shared library at `path` defines.
void AddNamesOf(const std::string& path, std::vector<std::string>* names) {
  llvm::Expected<llvm::object::OwningBinary<llvm::object::ObjectFile>> file =
      llvm::object::ObjectFile::createObjectFile(path);
  if (!file) return llvm::consumeError(file.takeError());
  const auto* elf = llvm::dyn_cast<llvm::object::ELFObjectFileBase>(file->getBinary());
  if (elf == nullptr) return;
  for (const llvm::object::ELFSymbolRef& symbol : elf->getDynamicSymbolIterators()) {
    llvm::Expected<uint32_t> flags = symbol.getFlags();
    llvm::Expected<llvm::StringRef> name = symbol.getName();
    if (flags && name && (*flags & llvm::object::SymbolRef::SF_Undefined) == 0) {
      names->push_back(name->str());
    }
    llvm::consumeError(flags.takeError());
    llvm::consumeError(name.takeError());
  }
}

// The functions and variables that refer to the symbol `name`: "f", or "f of 'a.c'" where there is
// more than one object.
std::vector<std::string> NeedersOf(std::string_view name, const std::vector<ObjectGraph>& objects) {
  std::vector<std::string> needers;
  std::set<std::string> seen;
  for (const ObjectGraph& object : objects) {
    for (const jitlink::Block* block : object->blocks()) {
      for (const jitlink::Edge& edge : block->edges()) {
        if (!edge.getTarget().isExternal() || edge.getTarget().getName() != llvm::StringRef(name))
          continue;
        std::string needer = llvm::demangle(NameAt(*block, edge.getOffset()));
        if (objects.size() > 1) needer += " of '" + object->getName() + "'";
        if (seen.insert(needer).second) needers.push_back(std::move(needer));
      }
    }
  }
  std::sort(needers.begin(), needers.end());
  return needers;
}

// ", for f and g": the tail of a line.
std::string Needed(std::string_view name, const std::vector<ObjectGraph>& objects) {
  const std::vector<std::string> needers = NeedersOf(name, objects);
  const size_t shown = std::min(needers.size(), kMostNeeders);
  std::string text;
  for (size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == shown && shown == needers.size();
    text += (i == 0 ? ", for " : is_last ? " and " : ", ") + needers[i];
  }
  if (shown < needers.size()) text += " and " + std::to_string(needers.size() - shown) + " more";
  return text;
}

// "add(int, int)" in brackets for "_Z3addii"; nothing for a name of C.
std::string Demangled(const std::string& name) {
  const std::string plain = llvm::demangle(name);
  return plain == name ? "" : " (" + plain + ")";
}

[[noreturn]] void RefuseMissing(const std::vector<std::string>& missing,
                                const std::vector<ObjectGraph>& objects, const LinkInputs& inputs,
                                const SharedLibraries& libraries, const std::string& name) {
  std::vector<std::string> exported;
  for (const std::string& path : libraries.Paths()) AddNamesOf(path, &exported);
  std::vector<std::string_view> known(exported.begin(), exported.end());
  for (const HostSymbol& symbol : AbiSymbols()) known.push_back(symbol.name);
  for (const auto& [symbol, address] : inputs.symbols) known.push_back(symbol);
  for (const std::shared_ptr<LoadedImage>& image : inputs.images) {
    const std::vector<std::string_view> names = image->names();
    known.insert(known.end(), names.begin(), names.end());
  }
  for (const ObjectGraph& object : objects) {
    for (const jitlink::Symbol* symbol : object->defined_symbols()) {
      if (symbol->hasName() && symbol->getScope() != jitlink::Scope::Local) {
        known.push_back(symbol->getName());
      }
    }
  }
  const bool alone = inputs.symbols.empty() && inputs.images.empty() && libraries.empty();
  std::string message =
      "'" + name + "' needs " +
      (missing.size() == 1 ? "a symbol" : std::to_string(missing.size()) + " symbols") +
      (alone ? " that neither it nor this process defines:"
             : " that neither it, nor what it is linked with, nor this process defines:");
  for (const std::string& symbol : missing) {
    message +=
        "\n  " + symbol + Demangled(symbol) + Needed(symbol, objects) + DidYouMean(symbol, known);
  }
  throw kiln::Error("LinkError", message);
}

}  // namespace

void BindImports(jitlink::LinkGraph* graph, const std::vector<ObjectGraph>& objects,
                 const LinkInputs& inputs, const SharedLibraries& libraries,
                 const AddressMap& builtins, const std::string& name) {
  for (const auto& [symbol, address] : inputs.symbols) {
    if (address == 0) {
      throw kiln::Error("LinkError", "option symbols gives '" + symbol + "' the address 0");
    }
  }
  const std::vector<jitlink::Symbol*> symbols(graph->external_symbols().begin(),
                                              graph->external_symbols().end());
  std::vector<std::string> missing;
  for (jitlink::Symbol* symbol : symbols) {
    if (symbol->getName() == kGlobalOffsetTable) continue;
    std::string wanted = symbol->getName().str();
    void* const address = FindImport(wanted, inputs, libraries, builtins);
    if (address != nullptr || symbol->isWeaklyReferenced()) {
      graph->makeAbsolute(*symbol, llvm::orc::ExecutorAddr::fromPtr(address));
    } else {
      missing.push_back(std::move(wanted));
    }
  }
  if (missing.empty()) return;
  std::sort(missing.begin(), missing.end());
  RefuseMissing(missing, objects, inputs, libraries, name);
}

}  // namespace kiln::jit
