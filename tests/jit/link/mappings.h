// The mappings of this process, as the kernel lists them.
#ifndef KILN_TESTS_JIT_LINK_MAPPINGS_H_
#define KILN_TESTS_JIT_LINK_MAPPINGS_H_

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace kiln::jit {

struct Mapping {
  uintptr_t begin;
  uintptr_t end;
  bool readable;
  bool writable;
  bool executable;
};

inline std::vector<Mapping> Mappings() {
  std::vector<Mapping> mappings;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    char modes[5] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, modes) != 3) continue;
    mappings.push_back({begin, end, modes[0] == 'r', modes[1] == 'w', modes[2] == 'x'});
  }
  return mappings;
}

inline const Mapping* MappingOf(const std::vector<Mapping>& mappings, const void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  for (const Mapping& mapping : mappings) {
    if (mapping.begin <= at && at < mapping.end) return &mapping;
  }
  return nullptr;
}

// "r-x" and the like; "" where nothing is mapped.
inline std::string ModesOf(const void* address) {
  const std::vector<Mapping> mappings = Mappings();
  const Mapping* const found = MappingOf(mappings, address);
  if (found == nullptr) return "";
  return {found->readable ? 'r' : '-', found->writable ? 'w' : '-', found->executable ? 'x' : '-'};
}

// Resident memory in KiB of the mapping that `address` lies in; 0 where nothing is mapped.
inline size_t ResidentKibAround(const void* address) {
  const auto at = reinterpret_cast<uintptr_t>(address);
  std::ifstream maps("/proc/self/smaps");
  bool is_around = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    unsigned long size = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      is_around = begin <= at && at < end;
    } else if (is_around && std::sscanf(line.c_str(), "Rss: %lu kB", &size) == 1) {
      return size;
    }
  }
  return 0;
}

// Resident memory of the process in KiB.
inline size_t ResidentKib() {
  std::ifstream file("/proc/self/statm");
  size_t total = 0;
  size_t resident = 0;
  file >> total >> resident;
  return resident * 4;
}

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_LINK_MAPPINGS_H_
