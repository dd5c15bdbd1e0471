#include "tests/jit/device/cubin_writer.h"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace kiln::jit {
namespace {

constexpr uint16_t kMachineCuda = 190;

template <typename T>
void Append(const T& value, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
}

// An entry of .nv.info with a block of bytes as its value.
void AppendAttribute(uint8_t attribute, const std::string& value, std::string* info) {
  Append(uint8_t{4}, info);
  Append(attribute, info);
  Append(static_cast<uint16_t>(value.size()), info);
  *info += value;
}

std::string InfoOf(const CubinKernel& kernel) {
  std::string info;
  size_t end = 0;
  std::vector<std::string> parameters;
  for (size_t i = 0; i < kernel.parameters.size(); ++i) {
    const size_t size = kernel.parameters[i];
    const size_t align = std::min<size_t>(8, size);
    const size_t offset = (end + align - 1) / align * align;
    std::string value;
    Append(uint32_t{0}, &value);
    Append(static_cast<uint16_t>(i), &value);
    Append(static_cast<uint16_t>(offset), &value);
    Append(static_cast<uint32_t>(size << 18), &value);
    parameters.push_back(value);
    end = offset + size;
  }
  std::reverse(parameters.begin(), parameters.end());
  for (const std::string& parameter : parameters) AppendAttribute(0x17, parameter, &info);
  if (kernel.max_threads != 0) {
    std::string block;
    for (const uint32_t extent : {kernel.max_threads, 1U, 1U}) Append(extent, &block);
    AppendAttribute(0x05, block, &info);
  }
  // The bytes of all parameters: a value that stands in the entry itself.
  Append(uint8_t{3}, &info);
  Append(uint8_t{0x19}, &info);
  Append(static_cast<uint16_t>(end), &info);
  return info;
}

class ElfWriter {
 public:
  ElfWriter() { Add("", SHT_NULL, ""); }

  uint16_t Add(const std::string& name, uint32_t type, const std::string& bytes, size_t size = 0) {
    Elf64_Shdr section{};
    section.sh_name = static_cast<uint32_t>(names_.size());
    section.sh_type = type;
    section.sh_offset = sizeof(Elf64_Ehdr) + bytes_.size();
    section.sh_size = type == SHT_NOBITS ? size : bytes.size();
    names_ += name + '\0';
    bytes_ += bytes;
    bytes_.append((8 - bytes_.size() % 8) % 8, '\0');
    sections_.push_back(section);
    return static_cast<uint16_t>(sections_.size() - 1);
  }
  void LinkTo(uint16_t section, uint16_t other) { sections_[section].sh_link = other; }

  std::string Write(int architecture) {
    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_ident[EI_OSABI] = 0x41;
    header.e_ident[EI_ABIVERSION] = 8;
    header.e_type = ET_EXEC;
    header.e_machine = kMachineCuda;
    header.e_version = EV_CURRENT;
    header.e_flags = static_cast<uint32_t>(architecture) << 8 | 0x6000004;
    header.e_ehsize = sizeof header;
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shstrndx = Add(".shstrtab", SHT_STRTAB, "");
    sections_.back().sh_size = names_.size();
    bytes_ += names_;
    bytes_.append((8 - bytes_.size() % 8) % 8, '\0');
    header.e_shnum = static_cast<uint16_t>(sections_.size());
    header.e_shoff = sizeof header + bytes_.size();
    std::string file;
    Append(header, &file);
    file += bytes_;
    for (const Elf64_Shdr& section : sections_) Append(section, &file);
    return file;
  }

 private:
  std::string names_;
  std::string bytes_;
  std::vector<Elf64_Shdr> sections_;
};

}  // namespace

std::string WriteCubin(int architecture, const std::vector<CubinKernel>& kernels,
                       const std::vector<CubinVariable>& variables) {
  ElfWriter elf;
  for (const CubinKernel& kernel : kernels) {
    elf.Add(".text." + kernel.name, SHT_PROGBITS, std::string(16, '\0'));
    elf.Add(".nv.info." + kernel.name, SHT_LOPROC, InfoOf(kernel));
    if (kernel.static_shared != 0) {
      elf.Add(".nv.shared." + kernel.name, SHT_NOBITS, "", kernel.static_shared);
    }
  }
  const uint16_t constants = elf.Add(".nv.constant3", SHT_PROGBITS, std::string(8, '\0'));
  std::string names(1, '\0');
  std::string symbols(sizeof(Elf64_Sym), '\0');
  for (const CubinVariable& variable : variables) {
    Elf64_Sym symbol{};
    symbol.st_name = static_cast<uint32_t>(names.size());
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    symbol.st_shndx = constants;
    symbol.st_size = variable.size;
    Append(symbol, &symbols);
    names += variable.name + '\0';
  }
  const uint16_t table = elf.Add(".symtab", SHT_SYMTAB, symbols);
  elf.LinkTo(table, elf.Add(".strtab", SHT_STRTAB, names));
  return elf.Write(architecture);
}

}  // namespace kiln::jit
