#ifndef KILN_JIT_COMPILE_LLVM_SUPPORT_CODE_H_
#define KILN_JIT_COMPILE_LLVM_SUPPORT_CODE_H_

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::jit {

// The functions of the engine that compiled code calls, and their addresses: those of
// packed_support.h, and the handlers of undefined behaviour.
std::span<const std::pair<std::string_view, void*>> SupportSymbols();
std::span<const std::pair<std::string_view, void*>> HandlerSymbols();

// The relocatable objects that define those functions, as far as `objects` call them: what a file
// has to hold beside `objects` to stand without the engine.
std::vector<std::string> SupportObjects(const std::vector<std::string>& objects);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_SUPPORT_CODE_H_
