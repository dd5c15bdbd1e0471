#ifndef KILN_JIT_SANDBOX_TRY_RUN_H_
#define KILN_JIT_SANDBOX_TRY_RUN_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jit/worker/compile_request.h"
#include "kiln/any.h"
#include "kiln/map.h"
#include "kiln/string.h"

namespace kiln::jit {

// What to run, and the limits of the whole: to compile it, to link it and to call it.
struct TryRunRequest {
  std::optional<CompileRequest> source;  // to compile; where there is none, `artifact` counts
  std::string artifact;                  // as Serialize writes it
  std::vector<std::string> linked;       // likewise: those whose symbols the code may use
  std::string function;
  int timeout_ms = 0;     // 0: none
  int max_memory_mb = 0;  // 0: none
};

// Calls a function in a process of its own, which is made for it and in a sandbox
// (enter_sandbox.h), with copies of the tensors. After a call that went well their elements are
// copied back, but for those that are read-only; after any other they are as they were.
//
// The outcome is a map of
//   "status"    "ok"; "error": it raised one; "died"; "timeout"; "memory"; "forbidden": it made a
//               system call that the sandbox does not have
//   "phase"     what it was at: "compile", "link", "constructors", "call"
//   "result"    what it returned; its tensors are copies
//   "kind", "message", "backtrace", "context"
//               of the error; of all that is not ok the message tells what happened and where
//   "signal"    the number of the signal that ended it, or 0
//   "signal_name"    "SIGSEGV"; may be empty
//   "exit_code" with which it left before it had returned, or None
//   "address"   that the signal is about, or None
//   "function", "file", "line"
//               where the code was; empty and 0 where it is not known
//   "syscall"   the name of the forbidden call
//   "stdout", "stderr"   what it wrote, bytes, the first MiB of each
//   "output_complete"    whether that is all
// Throws TypeError and ValueError where an argument can't go to another process, and RuntimeError
// where no process can be started.
Map<String, Any> TryRun(const TryRunRequest& request, std::span<const AnyView> arguments);

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_TRY_RUN_H_
