#ifndef KILN_JIT_COMPILE_EMBEDDED_FILE_H_
#define KILN_JIT_COMPILE_EMBEDDED_FILE_H_

#include <span>
#include <string_view>

namespace kiln::jit {

// A file that stands in this library. `text` is followed by a NUL byte that it does not count.
struct EmbeddedFile {
  std::string_view path;
  std::string_view text;
};

// Defined by cmake/EmbedFiles.cmake.
//
// Every header that C and C++ may include without a disk.
std::span<const EmbeddedFile> EmbeddedHeaders();
// Every header that device code may, by the name that #include asks for.
std::span<const EmbeddedFile> EmbeddedDeviceHeaders();

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_EMBEDDED_FILE_H_
