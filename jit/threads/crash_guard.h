#ifndef KILN_JIT_THREADS_CRASH_GUARD_H_
#define KILN_JIT_THREADS_CRASH_GUARD_H_

#include <functional>
#include <optional>
#include <string>

namespace kiln::jit {

// How work that could not go on ended.
struct Crash {
  std::string reason;  // "SIGSEGV at address 0x8", "it ran out of stack", "it called exit(1)"
};

// Runs `work`, which may crash: a compiler, a linker. A fatal signal of this thread, `abort`,
// `exit` and AbandonGuarded end the work, and the crash is returned; an exception goes through.
// What the work held when it crashed stays held: memory leaks, and locks are never given back. So
// nothing that other threads wait for may be held across it.
//
// While guarded work runs anywhere in the process, handlers for the fatal signals are installed.
// They take nothing from the host: a signal on a thread that runs no guarded work goes to the
// host's handler, or does what it would have done without one, and at the end the host's handlers
// are put back. Running out of stack is survived on threads that PrepareThread was called for.
//
// Guards nest; a crash ends the innermost. Any number of threads may run guarded work at once. A
// fork waits until none does, some seconds at the most; without that the child would inherit locks
// whose holders it lacks.
std::optional<Crash> RunGuarded(const std::function<void()>& work);

// Ends the guarded work that this thread runs. Returns where it runs none.
void AbandonGuarded(const char* reason) noexcept;

// Gives this thread a stack of its own for signal handlers, for its lifetime. To be called once on
// a thread that is to run guarded work.
void PrepareThread();

// State of a thread that a crash must set back, such as a list of records on its stack.
struct ThreadState {
  const void* (*save)();
  void (*restore)(const void* saved);
};

// Has RunGuarded save and restore that state. One only; to be set before any guarded work runs.
void SetGuardedState(ThreadState state) noexcept;

}  // namespace kiln::jit

#endif  // KILN_JIT_THREADS_CRASH_GUARD_H_
