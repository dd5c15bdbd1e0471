#ifndef KILN_TESTS_JIT_COMPILE_LLVM_BITCODE_H_
#define KILN_TESTS_JIT_COMPILE_LLVM_BITCODE_H_

#include <string>

namespace kiln::jit {

// LLVM's bitcode for a module in text form.
std::string BitcodeOf(const std::string& ir);

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_COMPILE_LLVM_BITCODE_H_
