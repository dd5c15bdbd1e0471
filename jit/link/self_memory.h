#ifndef KILN_JIT_LINK_SELF_MEMORY_H_
#define KILN_JIT_LINK_SELF_MEMORY_H_

#include <string_view>

namespace kiln::jit {

// Writes to private memory of this process whatever its protection, through /proc/self/mem, as a
// debugger sets a breakpoint. No thread ever sees the memory writable.
//
// A host may lack the file, or a kernel refuse such writes: then the answer of CanWriteProtected is
// no, and callers need another way. It is asked again by each process that fork makes.

// Whether WriteProtected works. Costs a microsecond. A program that closes all its files, or a
// child that fork made, gets the file opened anew.
bool CanWriteProtected() noexcept;

// Copies `bytes` to `to`. Soon after CanWriteProtected said yes. Returns false where it failed.
bool WriteProtected(char* to, std::string_view bytes) noexcept;

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_SELF_MEMORY_H_
