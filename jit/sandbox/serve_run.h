#ifndef KILN_JIT_SANDBOX_SERVE_RUN_H_
#define KILN_JIT_SANDBOX_SERVE_RUN_H_

#include <functional>
#include <memory>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/link/linker.h"
#include "jit/worker/serve.h"
#include "kiln/module.h"

namespace kiln::jit {

// Code in memory, its image and the module that shows it.
struct LinkedCode {
  std::shared_ptr<LoadedImage> image;
  Module module;
};
using LinkFunction = std::function<LinkedCode(const Artifact& artifact, LinkInputs inputs)>;

// The worker's side of TryRun: takes one request, compiles and links by the functions given, enters
// the sandbox, runs constructors and the function, and answers what came of it. Returns after that,
// or where the other side is gone; the process must leave without running anyone's destructors.
void ServeRun(const CompileFunction& compile, const LinkFunction& link);

}  // namespace kiln::jit

#endif  // KILN_JIT_SANDBOX_SERVE_RUN_H_
