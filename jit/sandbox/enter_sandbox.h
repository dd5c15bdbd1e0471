#ifndef KILN_JIT_SANDBOX_ENTER_SANDBOX_H_
#define KILN_JIT_SANDBOX_ENTER_SANDBOX_H_

namespace kiln::jit {

// From here on this process can't open files, use the network, start processes, look into others
// or gain rights, whatever code runs in it; there is no way back. Left are its memory, threads,
// clocks, its standard output and error, and answers on kWorkerSocket. A system call beyond that
// raises SIGSYS in its thread (`si_syscall` is its number); few that libraries try on the side,
// such as ioctl of a terminal, just fail.
//
// `processor_seconds` is how long it may compute, in case no one stops it; 0 sets no limit.
// Throws RuntimeError where the kernel offers no such filter.
void EnterSandbox(int processor_seconds);

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_ENTER_SANDBOX_H_
