#ifndef KILN_JIT_SANDBOX_CRASH_REPORT_H_
#define KILN_JIT_SANDBOX_CRASH_REPORT_H_

#include <cstdint>
#include <string>

#include "jit/link/code_lines.h"
#include "jit/worker/byte_stream.h"

namespace kiln::jit {

// What a run is at.
enum class RunPhase : uint64_t { kCompile = 1, kLink, kConstructors, kCall };

// "compiling it", "linking it", "its constructors", "the call".
const char* PhaseName(RunPhase phase);

// What a process tells of a signal that it got. It comes from untrusted code: any field may be
// anything.
struct CrashReport {
  int signal = 0;
  uint64_t address = 0;      // that SIGSEGV, SIGBUS, SIGFPE and SIGILL are about
  bool has_address = false;  // of memory, or of the instruction
  int64_t system_call = -1;  // of SIGSYS
  bool stack_overflow = false;
  bool memory_refused = false;
  RunPhase phase = RunPhase::kCall;
  // The place in the code that ran, or that called the library function that ran; empty and 0
  // where it is not known.
  std::string function;
  uint64_t offset = 0;
  std::string file;
  uint32_t line = 0;
};

// The signal by which this process is asked to report where it is. It ends then, too.
int WhereAreYouSignal();

// Has this process report the signals that end it, and that one, as a message on kWorkerSocket
// which begins with `tag`. The handlers run on a stack of their own in the calling thread.
// `phase` and `lines` must outlive the process; they may be changed between signals.
void ReportCrashes(uint64_t tag, const volatile RunPhase* phase, const CodeLines* lines);

// The report behind the tag. Throws RuntimeError where it is malformed.
CrashReport GetCrashReport(ByteReader* reader);

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_CRASH_REPORT_H_
