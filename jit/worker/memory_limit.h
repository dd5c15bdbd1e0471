#ifndef KILN_JIT_WORKER_MEMORY_LIMIT_H_
#define KILN_JIT_WORKER_MEMORY_LIMIT_H_

#include <cstddef>

namespace kiln::jit {

// Makes this process leave with kExitOutOfMemory, and a line on standard error, where it gets no
// memory: in a compiler there is no way on from there. For workers.
void LeaveWhereMemoryEnds();

// How much private memory that may be written this process has asked for, in bytes.
size_t PrivateMemory();

// While it lives, this process may ask for that many MB of private memory more than it has. It is
// the kernel that counts (RLIMIT_DATA): a request too many fails at once, however quickly it came,
// and neither code, nor what is shared, nor address space without memory counts.
class MemoryLimit {
 public:
  // No limit where `megabytes` is 0.
  explicit MemoryLimit(int megabytes);
  ~MemoryLimit();
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  bool set_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_MEMORY_LIMIT_H_
