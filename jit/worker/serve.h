#ifndef KILN_JIT_WORKER_SERVE_H_
#define KILN_JIT_WORKER_SERVE_H_

#include <functional>
#include <string>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/compile_report.h"
#include "jit/artifact/source.h"

namespace kiln::jit {

using CompileFunction = std::function<Artifact(
    const std::vector<Source>& sources, const CompileOptions& options, CompileReport* report)>;

// The worker's side: tells the engine's identity, then answers one request after the other with
// what `compile` makes of it, until the process that started this one closes the socket. That
// process may end at any time: a worker ends then, too, in the middle of a compile if need be.
void ServeCompiles(const CompileFunction& compile);

// From here on this process leaves where the one that started it is gone. Its end of the socket
// tells; but a fork of it may hold that open, so the parent is looked at, too. (The kernel's own
// signal for it, PR_SET_PDEATHSIG, comes where the thread that started the worker ends.)
void WatchParent();

// Makes `folder` the current one, unless it is empty. Throws RuntimeError.
void EnterFolder(const std::string& folder);

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_SERVE_H_
