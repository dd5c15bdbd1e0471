#ifndef KILN_JIT_SESSION_H_
#define KILN_JIT_SESSION_H_

#include <memory>
#include <vector>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/source.h"
#include "jit/compile/compiler.h"
#include "jit/link/linker.h"
#include "jit/origin.h"
#include "jit/service/compile_job.h"
#include "jit/service/running_compiles.h"
#include "jit/service/tiered_code.h"
#include "jit/worker/worker_pool.h"
#include "kiln/module.h"

namespace kiln::jit {

// What a caller wants made: one module of all `sources`, which may be of several languages. Its
// code may use the symbols of the modules in `link`, which must be modules of this engine; it keeps
// their code alive.
struct Request {
  std::vector<Source> sources;
  CompileOptions options;
  std::vector<Module> link;
  // The compile that others may have asked for too; set by the session.
  std::shared_ptr<RunningCompiles::Run> run = nullptr;
};

// The service that ties the rooms together: sources go in, a module comes out. Modules outlive the
// session that made them. Any number of threads may use it at once.
class Session {
 public:
  // Throws RuntimeError where code can't be linked on this machine.
  Session();

  // Compiles the sources and links the result into the process, on a compile thread, which the
  // caller waits for. Throws what the compilers and the linker throw: CompileError, LinkError,
  // ValueError, KeyError, RuntimeError; and TypeError where a module to link with is of another
  // kind. The module keeps the request, to show its stages.
  Module Compile(Request request);

  // The same, without a wait. Throws RuntimeError where there is no thread to compile on.
  std::shared_ptr<CompileJob> Submit(Request request, Priority priority);

  // The artifact alone, on this thread. All that ask for the same before it is there, share one
  // compile.
  std::shared_ptr<const Artifact> CompileOnly(const Request& request, CompileReport* report);

  // The image of an artifact, without a module. Throws LinkError.
  std::shared_ptr<LoadedImage> Link(const Artifact& artifact, LinkInputs inputs);

  // Links an artifact that was compiled before. Throws LinkError.
  Module Load(Artifact artifact);

  // Has a small source compiled, and dropped, on a compile thread: what a first compile would have
  // to make is there then. Returns at once.
  void Preload();

 private:
  // A module in the making, whose constructors have not run.
  struct Made {
    LoadedCode code;
    bool is_tiered = false;
    std::shared_ptr<Request> request;
  };

  // Completes the request, and joins the compile that it asks for.
  void Accept(Request* request);
  // Compiles and links on this thread.
  Made Make(Request request);
  // Runs the constructors on this thread, and has the code improved where it has tiers.
  Module Finish(Made made);
  // Compiles and links, where `first` is given to go on with its state.
  LoadedCode LinkedCode(const Request& request, std::shared_ptr<LoadedImage> first);
  std::shared_ptr<LoadedImage> LinkSafely(const Artifact& artifact, LinkInputs inputs);
  Artifact CompileAlone(const Request& request, CompileReport* report) const;
  std::shared_ptr<const Compiler> CompilerFor(Language language) const;
  std::shared_ptr<const Origin> OriginOf(Request request) const;

  std::vector<std::shared_ptr<const Compiler>> compilers_;
  std::shared_ptr<Linker> linker_;
  RunningCompiles running_;
  const std::unique_ptr<WorkerPool> workers_ = std::make_unique<WorkerPool>();
};

// The session that the global functions use. Made on first use, never destroyed.
Session& DefaultSession();

}  // namespace kiln::jit

#endif  // KILN_JIT_SESSION_H_
