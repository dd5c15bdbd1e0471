#ifndef KILN_JIT_LINK_CPU_FEATURES_H_
#define KILN_JIT_LINK_CPU_FEATURES_H_

#include <string>
#include <string_view>
#include <vector>

namespace kiln::jit {

// The features that `features` (Artifact::features) switches on, that a code generator uses
// unasked, and that this machine lacks. Code that needs one of them would end the process.
std::vector<std::string> MissingCpuFeatures(std::string_view features);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_CPU_FEATURES_H_
