#ifndef KILN_TESTS_JIT_LINK_LOAD_H_
#define KILN_TESTS_JIT_LINK_LOAD_H_

#include <memory>
#include <string>
#include <utility>

#include "jit/link/linker.h"
#include "tests/jit/compile/compile.h"

namespace kiln::jit {

inline Linker& TestLinker() {
  static const std::shared_ptr<Linker> kLinker = Linker::Create();
  return *kLinker;
}

inline std::shared_ptr<LoadedImage> LoadC(std::string text, const CompileOptions& options = {}) {
  return TestLinker().Link(CompileC(std::move(text), options));
}

inline std::shared_ptr<LoadedImage> LoadIr(std::string text, const CompileOptions& options = {}) {
  return TestLinker().Link(CompileIr(std::move(text), options));
}

// The function `name` of `image`, as a pointer of type `Signature*`.
template <class Signature>
Signature* FunctionOf(const LoadedImage& image, std::string_view name) {
  return reinterpret_cast<Signature*>(image.Find(name));
}

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_LINK_LOAD_H_
