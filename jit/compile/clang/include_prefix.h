#ifndef KILN_JIT_COMPILE_CLANG_INCLUDE_PREFIX_H_
#define KILN_JIT_COMPILE_CLANG_INCLUDE_PREFIX_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace kiln::jit {

// The leading #include directives of a source, with the comments, #define and #undef directives
// between them: what a precompiled header can be made of.
struct IncludePrefix {
  size_t size = 0;  // in bytes, from the start of the source; 0 where there is no such prefix
  // Whether what it means may depend on what the source is called: a macro's definition is quoted
  // in messages, and "header.h" is looked for beside the source.
  bool depends_on_name = false;
};

IncludePrefix FindIncludePrefix(std::string_view text);

// `text` with the first `size` bytes blank: every line stays where it is.
std::string Blanked(std::string_view text, size_t size);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_INCLUDE_PREFIX_H_
