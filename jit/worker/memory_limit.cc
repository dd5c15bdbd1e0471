#include "jit/worker/memory_limit.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <new>

#include "jit/compile/llvm/out_of_memory.h"
#include "jit/worker/message.h"
#include "jit/worker/owned_descriptor.h"

namespace kiln::jit {
namespace {

void Leave() {
  constexpr char kLine[] = "kiln-worker: out of memory\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kLine, sizeof kLine - 1);
  _exit(kExitOutOfMemory);
}

void SetSoftLimit(rlim_t bytes) {
  rlimit limit{};
  getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
  setrlimit(RLIMIT_DATA, &limit);
}

}  // namespace

void LeaveWhereMemoryEnds() {
  std::set_new_handler(&Leave);
  OnOutOfMemory(&Leave);
}

size_t PrivateMemory() {
  const OwnedDescriptor file(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  char text[256] = {};
  if (read(file.get(), text, sizeof text - 1) <= 0) return 0;
  unsigned long pages = 0;
  if (std::sscanf(text, "%*u %*u %*u %*u %*u %lu", &pages) != 1) return 0;
  return pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

MemoryLimit::MemoryLimit(int megabytes) : set_(megabytes != 0) {
  if (!set_) return;
  // What earlier work has left unused would not count.
  malloc_trim(0);
  SetSoftLimit(PrivateMemory() + (static_cast<rlim_t>(megabytes) << 20));
}

MemoryLimit::~MemoryLimit() {
  if (set_) SetSoftLimit(RLIM_INFINITY);
}

}  // namespace kiln::jit
