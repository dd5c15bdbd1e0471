#include "jit/compile/llvm/elf_object.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <llvm/ADT/StringExtras.h>
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/Object/ELF.h>
#include <llvm/Object/ELFTypes.h>

#include "jit/artifact/diagnostic.h"
#include "jit/compile/llvm/unwind_frames.h"

namespace kiln::jit {
namespace {

namespace ELF = llvm::ELF;
using Elf = llvm::object::ELFFile<llvm::object::ELF64LE>;

constexpr uint64_t kLargestSection = uint64_t{1} << 31;  // what relative addresses reach
constexpr uint64_t kLargestAddress = uint64_t{1} << 47;
constexpr uint64_t kLargestAlignment = 4096;  // a page, beyond which memory is not aligned

std::string MachineName(unsigned machine) {
  switch (machine) {
    case ELF::EM_386:
      return "i386";
    case ELF::EM_ARM:
      return "ARM";
    case ELF::EM_AARCH64:
      return "AArch64";
    case ELF::EM_PPC64:
      return "64-bit PowerPC";
    case ELF::EM_RISCV:
      return "RISC-V";
    case ELF::EM_CUDA:
      return "CUDA";
    case ELF::EM_AMDGPU:
      return "AMD GPUs";
    default:
      return "machine number " + std::to_string(machine);
  }
}

// What kind of file the bytes are, where they are not a relocatable object for this machine.
std::optional<std::string> OtherKind(std::string_view bytes) {
  if (bytes.starts_with("BC\xC0\xDE")) {
    return "it is LLVM bitcode, as clang -flto writes: pass it as language 'llvm-bitcode', or "
           "compile it without -flto";
  }
  if (!bytes.starts_with("\x7F"
                         "ELF")) {
    return "it is not an ELF file";
  }
  if (bytes.size() < sizeof(Elf::Elf_Ehdr)) return "it is cut short, inside its header";
  if (bytes[ELF::EI_CLASS] != ELF::ELFCLASS64) return "it is a 32-bit ELF file, and this is x86-64";
  if (bytes[ELF::EI_DATA] != ELF::ELFDATA2LSB) {
    return "it is for a big-endian machine, and this is x86-64";
  }
  const auto& header = *reinterpret_cast<const Elf::Elf_Ehdr*>(bytes.data());
  if (header.e_machine != ELF::EM_X86_64) {
    return "it is for " + MachineName(header.e_machine) + ", and this is x86-64";
  }
  switch (header.e_type) {
    case ELF::ET_REL:
      return std::nullopt;
    case ELF::ET_EXEC:
      return "it is an executable program: pass the objects that it was linked from";
    case ELF::ET_DYN:
      return "it is a shared library or a position-independent program: name a shared library in "
             "option libraries, or pass the objects that it was linked from";
    case ELF::ET_CORE:
      return "it is a core dump";
    default:
      return "it is an ELF file of unknown type " + std::to_string(header.e_type);
  }
}

// How many bytes a relocation changes at most.
uint64_t WidthOf(uint32_t relocation) {
  switch (relocation) {
    case ELF::R_X86_64_NONE:
      return 0;
    case ELF::R_X86_64_64:
    case ELF::R_X86_64_PC64:
    case ELF::R_X86_64_GOT64:
    case ELF::R_X86_64_GOTOFF64:
    case ELF::R_X86_64_GOTPC64:
    case ELF::R_X86_64_GOTPCREL64:
    case ELF::R_X86_64_SIZE64:
      return 8;
    case ELF::R_X86_64_8:
    case ELF::R_X86_64_PC8:
      return 1;
    case ELF::R_X86_64_16:
    case ELF::R_X86_64_PC16:
      return 2;
    default:
      return 4;
  }
}

// What is wrong with an object.
struct Fault {
  std::string text;
};

// One object, checked piece by piece. Throws Fault.
class ObjectCheck {
 public:
  explicit ObjectCheck(std::string_view bytes)
      : elf_(Need(Elf::create(bytes), "the header")),
        sections_(Need(elf_.sections(), "the section table")) {}

  void Run() {
    uint64_t total = 0;
    for (const Elf::Elf_Shdr& section : sections_) {
      CheckSection(section);
      if ((section.sh_flags & ELF::SHF_ALLOC) != 0) total += section.sh_size;
      if (total > kLargestSection) throw Fault{"its sections are over 2 GB"};
      if (section.sh_type != ELF::SHT_SYMTAB) continue;
      if (table_ != nullptr) throw Fault{"it has two symbol tables"};
      table_ = &section;
    }
    if (table_ == nullptr) throw Fault{"it has no symbol table"};
    CheckSymbols();
    for (const Elf::Elf_Shdr& section : sections_) CheckRelocations(section);
  }

 private:
  template <class T>
  static T Need(llvm::Expected<T> expected, const std::string& what) {
    if (!expected) throw Fault{what + ": " + llvm::toString(expected.takeError())};
    return *std::move(expected);
  }

  void CheckSection(const Elf::Elf_Shdr& section) const {
    const llvm::StringRef name = Need(elf_.getSectionName(section), "a section's name");
    const std::string what = "section '" + name.str() + "'";
    if (section.sh_size > kLargestSection) throw Fault{what + " is over 2 GB"};
    if (section.sh_addr > kLargestAddress) {
      throw Fault{what + " claims an address that no memory has"};
    }
    if ((section.sh_addralign & (section.sh_addralign - 1)) != 0 ||
        section.sh_addralign > kLargestAlignment) {
      throw Fault{what + " has alignment " + std::to_string(section.sh_addralign)};
    }
    if ((section.sh_flags & ELF::SHF_COMPRESSED) != 0) {
      throw Fault{what + " is compressed: compile it without -gz"};
    }
    const bool is_empty = section.sh_type == ELF::SHT_NOBITS;
    if (is_empty && (section.sh_flags & ELF::SHF_ALLOC) == 0) {
      throw Fault{what + " has neither content nor memory"};
    }
    if (is_empty) return;
    const llvm::ArrayRef<uint8_t> content = Need(elf_.getSectionContents(section), what);
    if (name == ".eh_frame") {
      const std::optional<std::string> fault = FaultInFrames(llvm::toStringRef(content));
      if (fault) throw Fault{*fault};
    }
  }

  void CheckSymbols() {
    symbols_ = Need(elf_.symbols(table_), "the symbol table");
    if (symbols_.empty()) return;
    const llvm::StringRef names =
        Need(elf_.getStringTableForSymtab(*table_, sections_), "the names of symbols");
    for (const Elf::Elf_Shdr& section : sections_) {
      if (section.sh_type == ELF::SHT_SYMTAB_SHNDX) {
        indices_ = Need(elf_.getSHNDXTable(section), "the section indices of symbols");
      }
    }
    for (const Elf::Elf_Sym& symbol : symbols_) {
      const llvm::StringRef name = Need(symbol.getName(names), "a symbol's name");
      if (name == "__gnu_lto_slim") {
        throw Fault{"it holds gcc's intermediate code alone: compile it without -flto"};
      }
      CheckSymbol(symbol, "symbol '" + name.str() + "'");
    }
  }

  void CheckSymbol(const Elf::Elf_Sym& symbol, const std::string& what) const {
    if (symbol.isCommon()) {
      if ((symbol.st_value & (symbol.st_value - 1)) != 0 || symbol.st_value > kLargestAlignment ||
          symbol.st_size > kLargestSection) {
        throw Fault{what + " is common with alignment " + std::to_string(symbol.st_value) +
                    " and size " + std::to_string(symbol.st_size)};
      }
      return;
    }
    const Elf::Elf_Shdr* const section =
        Need(elf_.getSection(symbol, symbols_, llvm::object::DataRegion(indices_)), what);
    if (section == nullptr) return;
    if (symbol.st_value > section->sh_size || symbol.st_size > section->sh_size - symbol.st_value) {
      throw Fault{what + " goes beyond its section"};
    }
  }

  void CheckRelocations(const Elf::Elf_Shdr& section) const {
    if (section.sh_type != ELF::SHT_RELA) return;
    const Elf::Elf_Shdr& target = *Need(elf_.getSection(section.sh_info), "relocations");
    if (section.sh_info == 0) throw Fault{"relocations change no section"};
    for (const Elf::Elf_Rela& relocation : Need(elf_.relas(section), "relocations")) {
      const uint32_t type = relocation.getType(/*isMips64EL=*/false);
      const uint64_t width = WidthOf(type);
      if (target.sh_type == ELF::SHT_NOBITS || width > target.sh_size ||
          relocation.r_offset > target.sh_size - width) {
        throw Fault{"a relocation at byte " + std::to_string(relocation.r_offset) +
                    " goes beyond its section"};
      }
      const uint32_t symbol = relocation.getSymbol(/*isMips64EL=*/false);
      if (symbol >= symbols_.size() || (symbol == 0 && type != ELF::R_X86_64_NONE)) {
        throw Fault{"a relocation is for a symbol that does not exist"};
      }
    }
  }

  Elf elf_;
  Elf::Elf_Shdr_Range sections_;
  const Elf::Elf_Shdr* table_ = nullptr;
  Elf::Elf_Sym_Range symbols_;
  llvm::ArrayRef<Elf::Elf_Word> indices_;
};

template <class T>
std::optional<T> Try(llvm::Expected<T> expected) {
  if (expected) return *std::move(expected);
  llvm::consumeError(expected.takeError());
  return std::nullopt;
}

}  // namespace

kiln::Error ObjectError(const std::string& name, std::string message) {
  Diagnostic diagnostic;
  diagnostic.file = name;
  diagnostic.message = std::move(message);
  return CompileErrorOf(name, {diagnostic});
}

void CheckObject(std::string_view bytes, const std::string& name) {
  if (const std::optional<std::string> other = OtherKind(bytes)) {
    throw ObjectError(name, "not a relocatable object: " + *other);
  }
  try {
    ObjectCheck(bytes).Run();
  } catch (const Fault& fault) {
    throw ObjectError(name, "the object can't be used: " + fault.text);
  }
}

std::vector<ObjectSymbol> SymbolsOf(std::string_view bytes) {
  std::vector<ObjectSymbol> symbols;
  const std::optional<Elf> elf = Try(Elf::create(bytes));
  if (!elf) return symbols;
  const auto sections = Try(elf->sections());
  if (!sections) return symbols;
  for (const Elf::Elf_Shdr& section : *sections) {
    if (section.sh_type != ELF::SHT_SYMTAB) continue;
    const auto table = Try(elf->symbols(&section));
    const auto names = Try(elf->getStringTableForSymtab(section, *sections));
    if (!table || !names) continue;
    for (const Elf::Elf_Sym& symbol : *table) {
      if (symbol.getBinding() == ELF::STB_LOCAL) continue;
      const auto name = Try(symbol.getName(*names));
      if (!name || name->empty()) continue;
      const unsigned char visibility = symbol.getVisibility();
      symbols.push_back(
          {.name = name->str(),
           .is_defined = symbol.isDefined() || symbol.isCommon(),
           .is_weak = symbol.getBinding() == ELF::STB_WEAK,
           .is_function = symbol.getType() == ELF::STT_FUNC,
           .is_hidden = visibility == ELF::STV_HIDDEN || visibility == ELF::STV_INTERNAL});
    }
  }
  return symbols;
}

}  // namespace kiln::jit
