#ifndef KILN_JIT_WORKER_SPAWN_H_
#define KILN_JIT_WORKER_SPAWN_H_

#include <sys/types.h>

#include <string>

#include "jit/worker/owned_descriptor.h"

namespace kiln::jit {

// This process's side of a worker that has been started.
struct SpawnedWorker {
  pid_t process = -1;
  OwnedDescriptor handle;  // a pidfd; -1 where the kernel has none
  OwnedDescriptor socket;  // these do not block
  OwnedDescriptor output;
  OwnedDescriptor errors;
};

// The executable that SpawnWorker starts: $KILN_WORKER, or `kiln-worker` beside the engine.
std::string WorkerPath();

// Starts the worker. It gets its standard descriptors, its socket, and `memory` unless that is -1;
// default actions for all signals and a process group of its own, so that what a terminal sends
// does not reach it. Throws RuntimeError.
SpawnedWorker SpawnWorker(const std::string& mode, int memory);

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_SPAWN_H_
