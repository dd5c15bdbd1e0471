#ifndef KILN_JIT_COMPILE_LLVM_BITCODE_CHECK_H_
#define KILN_JIT_COMPILE_LLVM_BITCODE_CHECK_H_

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jit {

// What is wrong with bitcode that LLVM's reader would believe, and take all memory for: attributes
// of parameters beyond any that a function can have. nullopt: nothing, or something that the reader
// reports itself.
std::optional<std::string> FaultInBitcode(std::string_view bytes);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_BITCODE_CHECK_H_
