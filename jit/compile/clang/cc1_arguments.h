#ifndef KILN_JIT_COMPILE_CLANG_CC1_ARGUMENTS_H_
#define KILN_JIT_COMPILE_CLANG_CC1_ARGUMENTS_H_

#include <string>
#include <vector>

#include "jit/artifact/compile_options.h"
#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {

// The arguments of `clang -cc1` by which `options` are carried out for C code that `target` runs.
// The input file is not among them.
std::vector<std::string> Cc1Arguments(const CompileOptions& options, const TargetSpec& target);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_CC1_ARGUMENTS_H_
