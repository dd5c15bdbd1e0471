#ifndef KILN_JIT_COMPILE_CUDA_INCLUDE_SCAN_H_
#define KILN_JIT_COMPILE_CUDA_INCLUDE_SCAN_H_

#include <string_view>
#include <vector>

namespace kiln::jit {

// What a text includes, told from its lines alone: as if every condition held.
struct IncludeScan {
  std::vector<std::string_view> leading;  // names before the first line of code
  std::vector<std::string_view> all;
  std::string_view prefix;    // the text up to the end of the last leading #include
  bool has_computed = false;  // there is an #include whose name is a macro
};

IncludeScan ScanIncludes(std::string_view text);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CUDA_INCLUDE_SCAN_H_
