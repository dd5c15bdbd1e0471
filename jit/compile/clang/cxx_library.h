#ifndef KILN_JIT_COMPILE_CLANG_CXX_LIBRARY_H_
#define KILN_JIT_COMPILE_CLANG_CXX_LIBRARY_H_

#include <string>
#include <vector>

namespace kiln::jit {

// The folders of the headers of the newest libstdc++ on this machine, in the order of search. Empty
// where there is none. Found out once.
const std::vector<std::string>& CxxLibraryFolders();

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_CXX_LIBRARY_H_
