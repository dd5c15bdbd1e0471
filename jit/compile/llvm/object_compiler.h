#ifndef KILN_JIT_COMPILE_LLVM_OBJECT_COMPILER_H_
#define KILN_JIT_COMPILE_LLVM_OBJECT_COMPILER_H_

#include <string>
#include <string_view>
#include <vector>

namespace kiln::jit {

// The functions that an object defines for callers by the packed convention, in the order of its
// symbol table and without the prefix "__tvm_ffi_". Symbols beside functions ("__tvm_ffi__...") are
// left out.
std::vector<std::string> ExportsOfObject(std::string_view bytes);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_OBJECT_COMPILER_H_
