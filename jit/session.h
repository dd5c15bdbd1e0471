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
#include "kiln/module.h"

namespace kiln::jit {

// What a caller wants made: one module of all `sources`, which may be of several languages. Its
// code may use the symbols of the modules in `link`, which must be modules of this engine; it keeps
// their code alive.
struct Request {
  std::vector<Source> sources;
  CompileOptions options;
  std::vector<Module> link;
};

// The service that ties the rooms together: sources go in, a module comes out. Modules outlive the
// session that made them. Any number of threads may use it at once.
class Session {
 public:
  // Throws RuntimeError where code can't be linked on this machine.
  Session();

  // Compiles the sources and links the result into the process. Throws what the compilers and the
  // linker throw: CompileError, LinkError, ValueError, KeyError, RuntimeError; and TypeError where
  // a module to link with is of another kind. The module keeps the request, to show its stages.
  Module Compile(Request request);

  // The artifact alone.
  Artifact CompileOnly(const Request& request, CompileReport* report) const;

  // Links an artifact that was compiled before. Throws LinkError.
  Module Load(Artifact artifact);

 private:
  std::shared_ptr<const Compiler> CompilerFor(Language language) const;
  std::shared_ptr<const Origin> OriginOf(Request request) const;

  std::vector<std::shared_ptr<const Compiler>> compilers_;
  std::shared_ptr<Linker> linker_;
};

// The session that the global functions use. Made on first use, never destroyed.
Session& DefaultSession();

}  // namespace kiln::jit

#endif  // KILN_JIT_SESSION_H_
