#ifndef KILN_JIT_COMPILE_LLVM_PLAIN_EXPORTS_H_
#define KILN_JIT_COMPILE_LLVM_PLAIN_EXPORTS_H_

#include <string>
#include <vector>

#include "jit/artifact/compile_report.h"
#include "jit/artifact/signature.h"

namespace llvm {
class Module;
}

namespace kiln::jit {

// The plain functions of a module of LLVM IR that `names` (CompileOptions::exports) ask for, in the
// order of the names, or of the module for "all". Integers are taken for signed unless the
// parameter is `zeroext`; pointers may be to anything. The report gets the names that are missing.
//
// Throws ValueError for a function whose signature can't be exported; "all" leaves such out.
std::vector<Signature> PlainExports(const llvm::Module& module,
                                    const std::vector<std::string>& names, CompileReport* report);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_PLAIN_EXPORTS_H_
