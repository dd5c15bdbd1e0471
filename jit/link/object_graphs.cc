#include "jit/link/object_graphs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <llvm/BinaryFormat/ELF.h>
#include <llvm/Object/ELF.h>
#include <llvm/Object/ELFTypes.h>
#include <llvm/Support/MemoryBufferRef.h>

#include "jit/link/llvm_error.h"
#include "jit/link/support_objects.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

namespace jitlink = llvm::jitlink;
namespace ELF = llvm::ELF;

using Elf = llvm::object::ELFFile<llvm::object::ELF64LE>;

// What code calls to find a thread-local variable of another library.
constexpr llvm::StringLiteral kTlsLookup = "__tls_get_addr";

constexpr uint32_t kTlsRelocations[] = {
    ELF::R_X86_64_TLSGD,    ELF::R_X86_64_TLSLD,           ELF::R_X86_64_DTPOFF32,
    ELF::R_X86_64_GOTTPOFF, ELF::R_X86_64_TPOFF32,         ELF::R_X86_64_DTPOFF64,
    ELF::R_X86_64_TPOFF64,  ELF::R_X86_64_GOTPC32_TLSDESC, ELF::R_X86_64_TLSDESC_CALL};

// The value, or its default where there is an error.
template <class T>
T OrDefault(llvm::Expected<T> expected) {
  if (expected) return *std::move(expected);
  llvm::consumeError(expected.takeError());
  return T();
}

// What a symbol table is read with.
struct SymbolTable {
  Elf::Elf_Shdr_Range sections;
  Elf::Elf_Sym_Range symbols;
  llvm::StringRef names;

  // Empty where the symbol has no name.
  std::string NameOf(const Elf::Elf_Sym& symbol) const {
    return OrDefault(symbol.getName(names)).str();
  }
};

// Reads the first symbol table; it is empty where the object has none, or is damaged.
SymbolTable ReadSymbols(const Elf& elf) {
  SymbolTable table;
  table.sections = OrDefault(elf.sections());
  for (const Elf::Elf_Shdr& section : table.sections) {
    if (section.sh_type != ELF::SHT_SYMTAB) continue;
    table.symbols = OrDefault(elf.symbols(&section));
    table.names = OrDefault(elf.getStringTableForSymtab(section, table.sections));
    break;
  }
  return table;
}

// The file that the object was compiled from, as it tells; empty where it does not.
std::string SourceFileOf(std::string_view bytes) {
  llvm::Expected<Elf> elf = Elf::create(bytes);
  if (!elf) return OrDefault(llvm::Expected<std::string>(elf.takeError()));
  const SymbolTable table = ReadSymbols(*elf);
  for (const Elf::Elf_Sym& symbol : table.symbols) {
    if (symbol.getType() == ELF::STT_FILE) return table.NameOf(symbol);
  }
  return "";
}

// The first thread-local variable that the object reaches by ELF's own convention, if any; empty
// where it has no name.
std::optional<std::string> NativeThreadLocal(std::string_view bytes) {
  llvm::Expected<Elf> elf = Elf::create(bytes);
  if (!elf) return OrDefault(llvm::Expected<std::optional<std::string>>(elf.takeError()));
  const SymbolTable table = ReadSymbols(*elf);
  for (const Elf::Elf_Shdr& section : table.sections) {
    if (section.sh_type != ELF::SHT_RELA) continue;
    for (const Elf::Elf_Rela& relocation : OrDefault(elf->relas(section))) {
      const uint32_t type = relocation.getType(/*isMips64EL=*/false);
      if (std::find(std::begin(kTlsRelocations), std::end(kTlsRelocations), type) ==
          std::end(kTlsRelocations)) {
        continue;
      }
      const uint32_t index = relocation.getSymbol(/*isMips64EL=*/false);
      return index < table.symbols.size() ? table.NameOf(table.symbols[index]) : "";
    }
  }
  return std::nullopt;
}

void RefuseNativeThreadLocals(const std::string& object, std::string_view bytes) {
  const std::optional<std::string> variable = NativeThreadLocal(bytes);
  if (!variable) return;
  throw kiln::Error(
      "LinkError",
      object + " reaches the thread-local variable '" + *variable +
          "' as programs and shared libraries do, which code that is linked in memory can't: "
          "compile it with clang -femulated-tls, or put it in a shared library (option libraries)");
}

bool RefersTo(jitlink::LinkGraph& graph, llvm::StringRef name) {
  return std::any_of(graph.external_symbols().begin(), graph.external_symbols().end(),
                     [&](const jitlink::Symbol* symbol) { return symbol->getName() == name; });
}

bool UsesNativeThreadLocals(jitlink::LinkGraph& graph) {
  if (graph.findSectionByName(".tdata") != nullptr || graph.findSectionByName(".tbss") != nullptr) {
    return true;
  }
  return RefersTo(graph, kTlsLookup);
}

// Functions whose code is chosen when they are loaded. JITLink passes over them.
void RefuseIndirectFunctions(const std::string& object, std::string_view bytes) {
  llvm::Expected<Elf> elf = Elf::create(bytes);
  if (!elf) return llvm::consumeError(elf.takeError());
  const SymbolTable table = ReadSymbols(*elf);
  for (const Elf::Elf_Sym& symbol : table.symbols) {
    if (symbol.getType() != ELF::STT_GNU_IFUNC) continue;
    throw kiln::Error(
        "LinkError", object + " has the function '" + table.NameOf(symbol) +
                         "' in several versions, of which a program's loader picks one: compile it "
                         "without target_clones and ifunc");
  }
}

ObjectGraph ReadObject(const Artifact& artifact, size_t index) {
  const std::string& bytes = artifact.objects[index];
  const bool alone = artifact.objects.size() == 1;
  std::string name = alone ? artifact.name : SourceFileOf(bytes);
  if (name.empty()) name = "object " + std::to_string(index + 1);
  const std::string what =
      alone ? "the object of '" + artifact.name + "'"
            : "object " + std::to_string(index + 1) + " of '" + artifact.name + "'";

  RefuseIndirectFunctions(what, bytes);
  llvm::Expected<ObjectGraph> graph =
      jitlink::createLinkGraphFromObject(llvm::MemoryBufferRef(bytes, name));
  if (!graph) {
    const std::string reason = TextOf(graph.takeError());
    RefuseNativeThreadLocals(what, bytes);
    throw kiln::Error("LinkError", what + " can't be linked: " + reason);
  }
  if ((*graph)->getTargetTriple().getArch() != llvm::Triple::x86_64) {
    throw kiln::Error("LinkError", "'" + artifact.name + "' was compiled for '" +
                                       (*graph)->getTargetTriple().str() +
                                       "', and this machine is x86_64");
  }
  if (UsesNativeThreadLocals(**graph)) RefuseNativeThreadLocals(what, bytes);
  return std::move(*graph);
}

}  // namespace

std::vector<ObjectGraph> ReadObjects(const Artifact& artifact) {
  if (artifact.objects.empty()) {
    throw kiln::Error("LinkError",
                      "'" + artifact.name + "' has no object: there is nothing to link");
  }
  std::vector<ObjectGraph> graphs;
  for (size_t i = 0; i < artifact.objects.size(); ++i) graphs.push_back(ReadObject(artifact, i));
  if (std::any_of(graphs.begin(), graphs.end(),
                  [](const ObjectGraph& graph) { return RefersTo(*graph, kOnceCallable); })) {
    graphs.push_back(Take(
        jitlink::createLinkGraphFromObject(llvm::MemoryBufferRef(EmulatedOnce(), "std::call_once")),
        "RuntimeError", "an object of Kiln's own is damaged"));
  }
  return graphs;
}

std::string_view NameAt(const jitlink::Block& block, uint64_t offset) {
  const jitlink::Symbol* nearest = nullptr;
  for (const jitlink::Symbol* symbol : block.getSection().symbols()) {
    if (&symbol->getBlock() != &block || !symbol->hasName() || symbol->getOffset() > offset) {
      continue;
    }
    if (nearest == nullptr || nearest->getOffset() < symbol->getOffset()) nearest = symbol;
  }
  return nearest == nullptr ? block.getSection().getName() : nearest->getName();
}

}  // namespace kiln::jit
