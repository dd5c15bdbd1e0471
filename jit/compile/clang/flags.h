#ifndef KILN_JIT_COMPILE_CLANG_FLAGS_H_
#define KILN_JIT_COMPILE_CLANG_FLAGS_H_

#include <string>

namespace kiln::jit {

// Throws ValueError unless `flag` is one option of Clang's that its front end takes, complete in
// one word: "-Wall", "-fno-math-errno", "-ftrapping-math". Options that name files, and those that
// have an option of their own here, are refused with the name of that.
void CheckFlag(const std::string& flag);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_FLAGS_H_
