#ifndef KILN_JIT_WORKER_WORKER_POOL_H_
#define KILN_JIT_WORKER_WORKER_POOL_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/compile_report.h"
#include "jit/artifact/source.h"
#include "jit/threads/cancellation.h"
#include "jit/worker/child_process.h"

namespace kiln::jit {

// Compiles in other processes, which may crash, hang and blow up without harm to this one. There
// are as many as threads compile at once; a few stay for later, and one that has ended is replaced.
// Any number of threads may use it. A fork of this process gets workers of its own.
class WorkerPool {
 public:
  WorkerPool() = default;
  // Precondition: no thread compiles.
  ~WorkerPool() = default;
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Compiles as a session does, to the same artifact or the same error, with the environment and
  // the current folder of this moment. Obeys `timeout_ms` and `max_memory_mb` of the options, and
  // `cancellation` where it is given. Fills `report` but for its exports.
  // Throws what the compile throws; TimeoutError, MemoryError and CancelledError where a limit or
  // the caller ended it; RuntimeError where the worker died or can't be started.
  Artifact Compile(const std::vector<Source>& sources, const CompileOptions& options,
                   CompileReport* report, const Cancellation* cancellation = nullptr);

 private:
  struct Worker {
    std::unique_ptr<ChildProcess> process;
    std::string environment;  // that it was started with
    bool is_new;
  };

  Worker Take();
  void Return(Worker worker);

  std::mutex mutex_;
  std::vector<Worker> idle_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_WORKER_POOL_H_
