#ifndef KILN_JIT_LINK_LLVM_ERROR_H_
#define KILN_JIT_LINK_LLVM_ERROR_H_

#include <string>
#include <string_view>
#include <utility>

#include <llvm/Support/Error.h>

namespace kiln::jit {

// The text of `error`, which is used up.
std::string TextOf(llvm::Error error);

// Throws kiln::Error(kind, "<what>: <text of error>") where there is an error. This is the one
// place where LLVM's errors become Kiln's.
void Check(llvm::Error error, std::string_view kind, std::string_view what);

// The value of `expected`; throws as Check does where it holds an error instead.
template <class T>
T Take(llvm::Expected<T> expected, std::string_view kind, std::string_view what) {
  Check(expected.takeError(), kind, what);
  return std::move(*expected);
}

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_LLVM_ERROR_H_
