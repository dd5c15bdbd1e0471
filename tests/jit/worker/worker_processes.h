// The worker processes of a process, as the kernel lists them.
#ifndef KILN_TESTS_JIT_WORKER_WORKER_PROCESSES_H_
#define KILN_TESTS_JIT_WORKER_WORKER_PROCESSES_H_

#include <sys/types.h>

#include <vector>

namespace kiln::testing {

// Those that `parent` has started and that run, in no order.
std::vector<pid_t> WorkersOf(pid_t parent);

// Waits until `parent` has one worker that has worked for a while, and returns it. Throws
// std::runtime_error after a minute, as the next one does.
pid_t WaitForBusyWorker(pid_t parent);

// Waits until the process runs no more; it may be left for its parent to ask for.
void WaitForEnd(pid_t process);

}  // namespace kiln::testing

#endif  // KILN_TESTS_JIT_WORKER_WORKER_PROCESSES_H_
