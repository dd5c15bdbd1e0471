#ifndef KILN_JIT_WORKER_SERVE_H_
#define KILN_JIT_WORKER_SERVE_H_

#include <functional>
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

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_SERVE_H_
