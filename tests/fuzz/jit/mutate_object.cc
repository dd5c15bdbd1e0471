#include "tests/fuzz/jit/mutate_object.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/fuzz/random.h"

namespace kiln::fuzz {
namespace {

// A stretch of fields of one size: offset and size within a record.
struct Field {
  size_t offset;
  size_t size;
};

constexpr Field kHeaderFields[] = {{offsetof(Elf64_Ehdr, e_shoff), 8},
                                   {offsetof(Elf64_Ehdr, e_shnum), 2},
                                   {offsetof(Elf64_Ehdr, e_shentsize), 2},
                                   {offsetof(Elf64_Ehdr, e_shstrndx), 2},
                                   {offsetof(Elf64_Ehdr, e_flags), 4}};
constexpr Field kSectionFields[] = {
    {offsetof(Elf64_Shdr, sh_name), 4},      {offsetof(Elf64_Shdr, sh_type), 4},
    {offsetof(Elf64_Shdr, sh_flags), 8},     {offsetof(Elf64_Shdr, sh_addr), 8},
    {offsetof(Elf64_Shdr, sh_size), 8},      {offsetof(Elf64_Shdr, sh_offset), 8},
    {offsetof(Elf64_Shdr, sh_link), 4},      {offsetof(Elf64_Shdr, sh_info), 4},
    {offsetof(Elf64_Shdr, sh_addralign), 8}, {offsetof(Elf64_Shdr, sh_entsize), 8}};
constexpr Field kSymbolFields[] = {
    {offsetof(Elf64_Sym, st_name), 4},  {offsetof(Elf64_Sym, st_info), 1},
    {offsetof(Elf64_Sym, st_other), 1}, {offsetof(Elf64_Sym, st_shndx), 2},
    {offsetof(Elf64_Sym, st_value), 8}, {offsetof(Elf64_Sym, st_size), 8}};
// The two halves of r_info are the type and the symbol.
constexpr Field kRelocationFields[] = {{offsetof(Elf64_Rela, r_offset), 8},
                                       {offsetof(Elf64_Rela, r_info), 4},
                                       {offsetof(Elf64_Rela, r_info) + 4, 4},
                                       {offsetof(Elf64_Rela, r_addend), 8}};

uint64_t Notable(Random* random) {
  static constexpr uint64_t kNotable[] = {0,
                                          1,
                                          2,
                                          3,
                                          4,
                                          8,
                                          9,
                                          10,
                                          16,
                                          17,
                                          24,
                                          42,
                                          0x7F,
                                          0xFF,
                                          0x1000,
                                          0xFFF1,
                                          0xFFF2,
                                          0xFFFF,
                                          0x7FFFFFFF,
                                          0x80000000,
                                          0xFFFFFFFF,
                                          uint64_t{1} << 40,
                                          ~uint64_t{0} >> 1,
                                          uint64_t{1} << 63,
                                          ~uint64_t{0} - 7,
                                          ~uint64_t{0}};
  if (random->OneIn(3)) return random->Below(64);
  return random->Of(kNotable);
}

// An object in memory that nothing has checked.
class Object {
 public:
  Object(uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {
    Elf64_Ehdr header;
    std::memcpy(&header, bytes, sizeof header);
    for (size_t i = 0; i < header.e_shnum; ++i) {
      const size_t at = header.e_shoff + i * sizeof(Elf64_Shdr);
      if (at > size || size - at < sizeof(Elf64_Shdr)) break;
      Elf64_Shdr section;
      std::memcpy(&section, bytes + at, sizeof section);
      sections_.emplace_back(at, section);
    }
  }

  void Mutate(Random* random) {
    if (sections_.empty() || random->OneIn(32)) return Change(0, random->Of(kHeaderFields), random);
    const auto& [at, section] = sections_[random->Below(sections_.size())];
    if (random->OneIn(4)) return Change(at, random->Of(kSectionFields), random);
    if (section.sh_offset >= size_ || section.sh_size == 0 || section.sh_type == SHT_NOBITS) return;
    const size_t size = std::min<size_t>(section.sh_size, size_ - section.sh_offset);
    if (section.sh_type == SHT_SYMTAB) {
      return ChangeRecord(section.sh_offset, size, sizeof(Elf64_Sym), random->Of(kSymbolFields),
                          random);
    }
    if (section.sh_type == SHT_RELA) {
      return ChangeRecord(section.sh_offset, size, sizeof(Elf64_Rela),
                          random->Of(kRelocationFields), random);
    }
    Change(section.sh_offset + random->Below(size), {0, random->OneIn(2) ? size_t{1} : size_t{4}},
           random);
  }

 private:
  void ChangeRecord(size_t begin, size_t size, size_t record, Field field, Random* random) {
    if (size < record) return;
    Change(begin + random->Below(size / record) * record, field, random);
  }

  // A notable value, or one next to what is there.
  void Change(size_t at, Field field, Random* random) {
    const size_t begin = at + field.offset;
    if (begin > size_ || size_ - begin < field.size) return;
    uint64_t value = 0;
    std::memcpy(&value, bytes_ + begin, field.size);
    value = random->OneIn(3) ? value + random->Below(17) - 8 : Notable(random);
    std::memcpy(bytes_ + begin, &value, field.size);
  }

  uint8_t* bytes_;
  size_t size_;
  std::vector<std::pair<size_t, Elf64_Shdr>> sections_;  // with their places
};

}  // namespace

bool MutateObject(uint8_t* bytes, size_t size, uint64_t seed) {
  Random random(seed);
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  std::vector<size_t> starts;
  for (size_t at = text.find(ELFMAG); at != std::string_view::npos;
       at = text.find(ELFMAG, at + 1)) {
    if (size - at >= sizeof(Elf64_Ehdr)) starts.push_back(at);
  }
  if (starts.empty()) return false;
  const size_t start = random.Of(starts);
  const size_t times = random.OneIn(4) ? 1 + random.Below(4) : 1;
  for (size_t i = 0; i < times; ++i) Object(bytes + start, size - start).Mutate(&random);
  return true;
}

}  // namespace kiln::fuzz
