#ifndef KILN_JIT_COMPILE_CLANG_EMBEDDED_FILE_H_
#define KILN_JIT_COMPILE_CLANG_EMBEDDED_FILE_H_

#include <span>
#include <string_view>

namespace kiln::jit {

// A file that stands in this library. `text` is followed by a NUL byte that it does not count.
struct EmbeddedFile {
  std::string_view path;
  std::string_view text;
};

// Every header that kernels may include without a disk. Defined by cmake/EmbedFiles.cmake.
std::span<const EmbeddedFile> EmbeddedHeaders();

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_EMBEDDED_FILE_H_
