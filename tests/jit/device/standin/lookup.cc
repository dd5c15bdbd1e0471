// How the stand-in hands out its functions.

#include <cstdint>
#include <cstring>

#include "tests/jit/device/standin/functions.h"
#include "tests/jit/device/standin/machine.h"

namespace standin {
namespace {

struct Entry {
  const char* name;
  void* function;
};

// NOLINTNEXTLINE(bugprone-macro-parentheses): it is a name
#define KILN_ENTRY(name, parameters) {#name, reinterpret_cast<void*>(&name)},
const Entry kEntries[] = {KILN_STANDIN_FUNCTIONS(KILN_ENTRY)};
#undef KILN_ENTRY

int Find(const char* name, void** function, int version) {
  Machine::Get().Initialize();
  *function = nullptr;
  const int served = Machine::Get().version();
  const bool is_of_12 =
      std::strstr(name, "Library") != nullptr || std::strstr(name, "cuKernel") != nullptr;
  if (version < 12000 || (served < 12000 && is_of_12)) return kNotFound;
  for (const Entry& entry : kEntries) {
    if (std::strcmp(entry.name, name) == 0) *function = entry.function;
  }
  return *function == nullptr ? kNotFound : kOk;
}

}  // namespace
}  // namespace standin

extern "C" {

// Under a name that the dynamic linker finds, so that the file of the driver can be told.
__attribute__((visibility("default"))) int cuInit(unsigned flags) { return standin::cuInit(flags); }

__attribute__((visibility("default"))) int cuGetProcAddress(const char* name, void** function,
                                                            int version, uint64_t /*flags*/) {
  return standin::Find(name, function, version);
}

#ifndef KILN_STANDIN_OF_CUDA_11
__attribute__((visibility("default"))) int cuGetProcAddress_v2(const char* name, void** function,
                                                               int version, uint64_t /*flags*/,
                                                               int* found) {
  const int status = standin::Find(name, function, version);
  *found = status == standin::kOk ? 0 : 1;
  return status;
}
#endif
}
