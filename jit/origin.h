#ifndef KILN_JIT_ORIGIN_H_
#define KILN_JIT_ORIGIN_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jit/artifact/compile_options.h"
#include "jit/artifact/source.h"
#include "jit/compile/compiler.h"

namespace kiln::jit {

// What a module was compiled from, kept to show the stages of its compile to those who ask. Any
// number of threads may use it at once.
class Origin {
 public:
  struct Part {
    Source source;
    std::shared_ptr<const Compiler> compiler;
  };

  Origin(std::vector<Part> parts, CompileOptions options);

  // "source", "ll" (LLVM IR as the front end made it), "ll-opt" (after the optimiser), "asm", or of
  // device code "ptx".
  static bool IsStage(std::string_view name);

  // That stage of every source; where there are several, each stands below a comment line that
  // names it. All but "source" are made by compiling again, with the files as they are by then, and
  // take as long. Precondition: IsStage(stage). Throws ValueError where no source has such a stage,
  // as objects and archives have none, and what the compilers throw.
  std::string Stage(std::string_view stage) const;

 private:
  std::vector<Part> parts_;
  CompileOptions options_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_ORIGIN_H_
