#include "runtime/object_file.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kiln::runtime {
namespace {

// More than any sound file has: a broken one must not make us read for long.
constexpr size_t kMaxNameBytes = 16 << 20;

// Not memcmp: a sanitizer of the program would see the reading of what lies around its variables.
[[gnu::noinline]] __attribute__((no_sanitize("address"))) bool AreSame(const char* a, const char* b,
                                                                       size_t size) noexcept {
  int difference = 0;
  for (size_t i = 0; i < size; ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

}  // namespace

ObjectFile::ObjectFile(const dl_find_object& found) {
  const char* name = found.dlfo_link_map->l_name;
  const bool is_program = name == nullptr || *name == '\0';
  descriptor_ = open(is_program ? "/proc/self/exe" : name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (is_open() && !IsLoadedAt(found.dlfo_map_start, found.dlfo_map_end)) {
    close(descriptor_);
    descriptor_ = -1;
  }
}

ObjectFile::~ObjectFile() {
  if (is_open()) close(descriptor_);
}

std::string ObjectFile::path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

std::string ObjectFile::identity() const {
  struct stat status{};
  fstat(descriptor_, &status);
  const std::array<uint64_t, 5> numbers{
      static_cast<uint64_t>(status.st_dev), static_cast<uint64_t>(status.st_ino),
      static_cast<uint64_t>(status.st_size), static_cast<uint64_t>(status.st_mtim.tv_sec),
      static_cast<uint64_t>(status.st_mtim.tv_nsec)};
  return {reinterpret_cast<const char*>(numbers.data()), sizeof numbers};
}

bool ObjectFile::HasLines() const {
  ElfW(Ehdr) header;
  if (!Read(&header, sizeof header, 0) || header.e_shentsize != sizeof(ElfW(Shdr))) return false;
  std::vector<ElfW(Shdr)> sections(header.e_shnum);
  if (header.e_shstrndx >= sections.size() ||
      !Read(sections.data(), sections.size() * sizeof(ElfW(Shdr)),
            static_cast<off_t>(header.e_shoff))) {
    return false;
  }
  const ElfW(Shdr)& name_section = sections[header.e_shstrndx];
  if (name_section.sh_size > kMaxNameBytes) return false;
  std::string names(name_section.sh_size, '\0');
  if (!Read(names.data(), names.size(), static_cast<off_t>(name_section.sh_offset))) return false;
  return std::ranges::any_of(sections, [&](const ElfW(Shdr) & section) {
    if (section.sh_name >= names.size() || section.sh_type == SHT_NOBITS) return false;
    const std::string_view name(names.c_str() + section.sh_name);
    return name == ".debug_line" || name == ".zdebug_line";
  });
}

// The first page of an object is mapped as it is in the file, and holds its headers and most often
// its build id.
bool ObjectFile::IsLoadedAt(const void* begin, const void* end) const {
  std::array<char, 4096> page;
  const auto* memory = static_cast<const char*>(begin);
  const auto mapped = static_cast<size_t>(static_cast<const char*>(end) - memory);
  ElfW(Ehdr) header;
  if (!Read(&header, sizeof header, 0) || mapped < sizeof header ||
      !AreSame(reinterpret_cast<const char*>(&header), memory, sizeof header)) {
    return false;
  }
  const size_t headers_end = header.e_phoff + header.e_phnum * sizeof(ElfW(Phdr));
  if (headers_end > std::min(page.size(), mapped)) return true;
  const auto* segments = reinterpret_cast<const ElfW(Phdr)*>(memory + header.e_phoff);
  const auto* first = std::find_if(segments, segments + header.e_phnum,
                                   [](const ElfW(Phdr) & s) { return s.p_type == PT_LOAD; });
  if (first == segments + header.e_phnum || first->p_offset != 0) return false;
  const size_t size = std::min({page.size(), mapped, static_cast<size_t>(first->p_filesz)});
  return Read(page.data(), size, 0) && AreSame(page.data(), memory, size);
}

bool ObjectFile::Read(void* buffer, size_t size, off_t offset) const noexcept {
  return pread(descriptor_, buffer, size, offset) == static_cast<ssize_t>(size);
}

}  // namespace kiln::runtime
