#ifndef KILN_JIT_COMPILE_LLVM_DATA_OBJECT_H_
#define KILN_JIT_COMPILE_LLVM_DATA_OBJECT_H_

#include <string>
#include <string_view>

#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {

// A relocatable object that holds `bytes`, aligned to 16, at the symbol `symbol`, which other
// objects of the same image see. It lies in the section where CUDA's tools put fat binaries.
std::string DataObject(std::string_view symbol, std::string_view bytes, const TargetSpec& target);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_DATA_OBJECT_H_
