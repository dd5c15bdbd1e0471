#ifndef KILN_JIT_WORKER_CHILD_PROCESS_H_
#define KILN_JIT_WORKER_CHILD_PROCESS_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "jit/threads/cancellation.h"
#include "jit/worker/captured_output.h"
#include "jit/worker/message.h"
#include "jit/worker/spawn.h"

namespace kiln::jit {

// How a process came to its end.
struct Death {
  int signal = 0;                // that killed it, or 0
  std::optional<int> exit_code;  // with which it left; none where it was killed, or where the
                                 // process's own handling of SIGCHLD took the status away

  // "was killed by signal 9 (SIGKILL)", "exited with status 3", "ended".
  std::string ToString() const;
};

// A process that runs the worker, and this side of its socket and of its output. It has no other
// descriptor of this process, takes none of the terminal's signals, and ends with this process.
// For one thread at a time. No handler of SIGCHLD is needed, and none disturbs it.
class ChildProcess {
 public:
  struct Start {
    std::string mode;               // "compile" or "run"
    int memory = -1;                // what it is to have as kWorkerMemory; -1 for nothing
    size_t kept_output = 16 << 10;  // bytes of each of standard output and error
    CapturedOutput::Keep keep = CapturedOutput::Keep::kLast;
  };

  // What ends a wait for the worker's answer before it comes.
  struct Limits {
    int timeout_ms = 0;  // 0: none
    const Cancellation* cancellation = nullptr;
    uint64_t longest_answer = kLongestMessage;
  };
  enum class Outcome {
    kAnswered,
    kEnded,    // it ended, or is out of order
    kUnheard,  // it ended before it had the message
    kTimedOut,
    kCancelled,
  };

  // Starts the executable that $KILN_WORKER names, or `kiln-worker` beside the engine's library,
  // and waits until it has said what engine it has. Throws RuntimeError where there is none, where
  // it does not start, and where it has another engine than this process.
  explicit ChildProcess(const Start& start);
  // Kills it where it still runs. In a fork of the process that started it, leaves it alone.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Sends `message`, waits for the answer, and takes up what the worker writes meanwhile. Only
  // after kAnswered may it be asked again. Does not throw but where memory runs out.
  Outcome Ask(std::string_view message, const Limits& limits, std::string* answer);

  // Waits for one more answer to the same message.
  Outcome Listen(const Limits& limits, std::string* answer);

  void Signal(int number) const;

  // False where it has ended, or has said something unasked.
  bool Idle() const;

  // Kills it where it does not end by itself in a moment, and tells how it ended. `now`: at once.
  Death End(bool now);

  const CapturedOutput& output() const { return output_; }
  const CapturedOutput& errors() const { return errors_; }

 private:
  ChildProcess(const Start& start, SpawnedWorker worker);
  // Asks nothing where `message` is null.
  Outcome Talk(const std::string_view* message, const Limits& limits, std::string* answer);
  // True once it is known how the process ended. Does not wait unless `wait`.
  bool Reap(bool wait);

  pid_t owner_;
  SpawnedWorker worker_;
  std::optional<Death> death_;
  CapturedOutput output_;
  CapturedOutput errors_;
};

// The last lines of `text`, indented and below a line that says so; "" where there are none.
std::string LastLines(std::string_view text);

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_CHILD_PROCESS_H_
