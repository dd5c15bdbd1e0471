#ifndef KILN_JIT_COMPILE_LLVM_UNWIND_FRAMES_H_
#define KILN_JIT_COMPILE_LLVM_UNWIND_FRAMES_H_

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jit {

// What is wrong with the content of an .eh_frame section of an object: records that go beyond it,
// pointers encoded as no compiler does, on which JITLink would end the process. nullopt: nothing.
std::optional<std::string> FaultInFrames(std::string_view content);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_UNWIND_FRAMES_H_
