#ifndef KILN_JIT_COMPILE_CLANG_CC1_ARGUMENTS_H_
#define KILN_JIT_COMPILE_CLANG_CC1_ARGUMENTS_H_

#include <string>
#include <vector>

#include "jit/artifact/compile_options.h"
#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {

// The arguments of `clang -cc1` by which `options` are carried out for code in `language` (C or
// C++) that `target` runs. Neither the input file nor the target's features are among them. Throws
// ValueError where the standard is one of the other language, or a flag is one that can't be passed
// on.
std::vector<std::string> Cc1Arguments(Language language, const CompileOptions& options,
                                      const TargetSpec& target);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_CC1_ARGUMENTS_H_
