#ifndef KILN_JIT_COMPILE_CLANG_FLAGS_H_
#define KILN_JIT_COMPILE_CLANG_FLAGS_H_

#include <string>
#include <vector>

namespace kiln::jit {

// Changes the arguments of `clang -cc1` as `flag`, an option of CompileOptions::flags, asks: one of
// Clang's, complete in one word: "-Wall", "-fno-math-errno", "-ftrapping-math".
//
// Throws ValueError where it is no option of Clang's front end, with the nearest that is; where it
// names files; and where an option of CompileOptions says the same, with the name of that.
void AddFlag(const std::string& flag, std::vector<std::string>* arguments);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_FLAGS_H_
