#include "jit/link/llvm_error.h"

#include "kiln/error.h"

namespace kiln::jit {

std::string TextOf(llvm::Error error) { return llvm::toString(std::move(error)); }

void Check(llvm::Error error, std::string_view kind, std::string_view what) {
  if (!error) return;
  throw kiln::Error(kind, std::string(what) + ": " + TextOf(std::move(error)));
}

}  // namespace kiln::jit
