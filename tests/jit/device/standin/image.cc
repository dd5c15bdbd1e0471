#include "tests/jit/device/standin/image.h"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace standin {
namespace {

constexpr uint16_t kMachineCuda = 190;
constexpr unsigned char kOldAbi = 7;  // of CUDA 12: the architecture is elsewhere in e_flags

// Attributes of .nv.info.<kernel>, and the format whose value is a block of bytes.
constexpr uint8_t kBlockFormat = 4;
constexpr uint8_t kMaxThreads = 0x05;
constexpr uint8_t kRequiredBlock = 0x10;
constexpr uint8_t kParameter = 0x17;
constexpr uint8_t kParameterV2 = 0x45;
constexpr uint8_t kParameterBytes = 0x19;
constexpr uint8_t kClusterDims = 0x3d;

template <typename T>
T Read(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

class Elf {
 public:
  explicit Elf(const char* code) : code_(code), header_(Read<Elf64_Ehdr>(code)) {}

  bool IsCubin() const { return header_.e_machine == kMachineCuda && header_.e_shnum > 0; }
  int Architecture() const {
    const bool old = header_.e_ident[EI_ABIVERSION] <= kOldAbi;
    return static_cast<int>(old ? header_.e_flags & 0xFF : header_.e_flags >> 8 & 0xFF);
  }
  unsigned count() const { return header_.e_shnum; }
  Elf64_Shdr Section(unsigned index) const {
    return Read<Elf64_Shdr>(code_ + header_.e_shoff + index * sizeof(Elf64_Shdr));
  }
  std::string_view Name(const Elf64_Shdr& section) const {
    return code_ + Section(header_.e_shstrndx).sh_offset + section.sh_name;
  }
  std::string_view Bytes(const Elf64_Shdr& section) const {
    return {code_ + section.sh_offset, section.sh_size};
  }

 private:
  const char* code_;
  Elf64_Ehdr header_;
};

// The kernel that a section is about, or nothing: "k" for ".text.k".
std::optional<std::string> After(std::string_view prefix, std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  return std::string(name.substr(prefix.size()));
}

// False where a value is not as long as its attribute makes it.
bool ReadAttribute(uint8_t attribute, std::string_view value, ImageKernel* kernel) {
  const auto three = [value](unsigned* into) {
    for (size_t i = 0; i < 3; ++i) into[i] = Read<uint32_t>(value.data() + 4 * i);
  };
  if (attribute == kParameter || attribute == kParameterV2) {
    if (value.size() < 12) return false;
    const size_t ordinal = Read<uint16_t>(value.data() + 4);
    const size_t size = attribute == kParameter ? Read<uint32_t>(value.data() + 8) >> 18
                                                : Read<uint16_t>(value.data() + 8);
    if (kernel->parameters.size() <= ordinal) kernel->parameters.resize(ordinal + 1);
    kernel->parameters[ordinal] = {Read<uint16_t>(value.data() + 6), size};
  } else if (attribute == kMaxThreads || attribute == kRequiredBlock) {
    if (value.size() < 12) return false;
    unsigned block[3];
    three(block);
    kernel->max_threads = block[0] * std::max(1U, block[1]) * std::max(1U, block[2]);
  } else if (attribute == kClusterDims) {
    if (value.size() < 12) return false;
    three(kernel->cluster);
  }
  return true;
}

bool ReadInfo(std::string_view info, ImageKernel* kernel) {
  while (info.size() >= 4) {
    const auto format = static_cast<uint8_t>(info[0]);
    const auto attribute = static_cast<uint8_t>(info[1]);
    const size_t value = Read<uint16_t>(info.data() + 2);
    info.remove_prefix(4);
    if (attribute == kParameterBytes) kernel->parameter_bytes = value;
    if (format != kBlockFormat) continue;
    if (value > info.size() || !ReadAttribute(attribute, info.substr(0, value), kernel)) {
      return false;
    }
    info.remove_prefix(value);
  }
  return info.empty();
}

void ReadSymbols(const Elf& elf, const Elf64_Shdr& table, Image* image) {
  const char* const names = elf.Bytes(elf.Section(table.sh_link)).data();
  const std::string_view symbols = elf.Bytes(table);
  for (size_t at = 0; at + sizeof(Elf64_Sym) <= symbols.size(); at += sizeof(Elf64_Sym)) {
    const auto symbol = Read<Elf64_Sym>(symbols.data() + at);
    if (ELF64_ST_TYPE(symbol.st_info) != STT_OBJECT || symbol.st_shndx == SHN_UNDEF) continue;
    if (symbol.st_shndx >= elf.count()) continue;
    const std::string_view section = elf.Name(elf.Section(symbol.st_shndx));
    if (section.starts_with(".nv.constant3") || section.starts_with(".nv.global")) {
      image->variables[names + symbol.st_name] = symbol.st_size;
    }
  }
}

std::optional<Image> ReadCubin(const char* code) {
  const Elf elf(code);
  if (!elf.IsCubin()) return std::nullopt;
  Image image;
  image.architecture = elf.Architecture();
  for (unsigned i = 0; i < elf.count(); ++i) {
    if (const auto name = After(".text.", elf.Name(elf.Section(i)))) image.kernels[*name] = {};
  }
  for (unsigned i = 0; i < elf.count(); ++i) {
    const Elf64_Shdr section = elf.Section(i);
    const std::string_view name = elf.Name(section);
    if (section.sh_type == SHT_SYMTAB) ReadSymbols(elf, section, &image);
    if (const auto kernel = After(".nv.shared.", name); kernel && image.kernels.contains(*kernel)) {
      image.kernels[*kernel].static_shared = section.sh_size;
    }
    if (const auto kernel = After(".nv.info.", name)) {
      if (!image.kernels.contains(*kernel)) return std::nullopt;
      if (!ReadInfo(elf.Bytes(section), &image.kernels[*kernel])) return std::nullopt;
    }
  }
  return image;
}

// The next word of PTX, which `text` loses.
std::string_view Word(std::string_view* text) {
  constexpr std::string_view kBetween = " \t\r\n,()[];";
  const size_t begin = text->find_first_not_of(kBetween);
  if (begin == std::string_view::npos) return *text = {};
  text->remove_prefix(begin);
  const std::string_view word = text->substr(0, text->find_first_of(kBetween));
  text->remove_prefix(word.size());
  return word;
}

// Adds the parameter that stands behind `.param`: ".align 8 .b8 name[24]", ".u64 .ptr name".
void ReadPtxParameter(std::string_view text, ImageKernel* kernel) {
  size_t align = 0;
  size_t size = 0;
  for (std::string_view word = Word(&text); !word.empty(); word = Word(&text)) {
    if (word == ".align") {
      align = static_cast<size_t>(std::atoi(std::string(Word(&text)).c_str()));
    } else if (word[0] == '.') {
      const size_t digits = word.find_first_of("0123456789");
      if (digits != std::string_view::npos) {
        size = static_cast<size_t>(std::atoi(std::string(word.substr(digits)).c_str())) / 8;
      }
    } else {
      if (text.starts_with('[')) {
        size *= static_cast<size_t>(std::atoi(std::string(text.substr(1)).c_str()));
      }
      break;
    }
  }
  align = align == 0 ? size : align;
  const size_t end = kernel->parameter_bytes;
  const size_t offset = align == 0 ? end : (end + align - 1) / align * align;
  kernel->parameters.push_back({offset, size});
  kernel->parameter_bytes = offset + size;
}

std::optional<Image> ReadPtx(std::string_view text) {
  constexpr std::string_view kTarget = ".target sm_";
  constexpr std::string_view kEntry = ".entry ";
  const size_t target = text.find(kTarget);
  if (target == std::string_view::npos) return std::nullopt;
  Image image;
  image.is_ptx = true;
  image.architecture = std::atoi(text.data() + target + kTarget.size());
  for (size_t at = text.find(kEntry); at != std::string_view::npos; at = text.find(kEntry)) {
    text.remove_prefix(at + kEntry.size());
    ImageKernel& kernel = image.kernels[std::string(Word(&text))];
    std::string_view list = text.substr(0, text.find(')'));
    for (size_t p = list.find(".param"); p != std::string_view::npos; p = list.find(".param")) {
      list.remove_prefix(p + 6);
      ReadPtxParameter(list, &kernel);
    }
  }
  return image;
}

}  // namespace

std::optional<Image> ReadImage(const char* code) {
  if (std::memcmp(code, ELFMAG, SELFMAG) == 0) return ReadCubin(code);
  return ReadPtx(code);
}

}  // namespace standin
