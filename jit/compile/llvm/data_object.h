#ifndef KILN_JIT_COMPILE_LLVM_DATA_OBJECT_H_
#define KILN_JIT_COMPILE_LLVM_DATA_OBJECT_H_

#include <string>
#include <utility>
#include <vector>

#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {

// A relocatable object that holds bytes at symbols, which other objects of the same image see:
// pairs of a symbol and its bytes, aligned to 16. They lie in the section where CUDA's tools put
// fat binaries.
std::string DataObject(const std::vector<std::pair<std::string, std::string>>& data,
                       const TargetSpec& target);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_DATA_OBJECT_H_
