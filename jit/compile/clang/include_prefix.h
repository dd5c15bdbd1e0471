#ifndef KILN_JIT_COMPILE_CLANG_INCLUDE_PREFIX_H_
#define KILN_JIT_COMPILE_CLANG_INCLUDE_PREFIX_H_

#include <cstddef>
#include <functional>
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

// Makes the bytes from `begin` up to `end` of `text` blank, all but the ends of lines.
void BlankOut(std::string* text, size_t begin, size_t end);

// Makes each #include of `text` blank that `keep` refuses: it gets what stands between the quotes
// or angles, and whether these are quotes. A directive that names a macro stays.
void BlankIncludes(std::string* text,
                   const std::function<bool(std::string_view name, bool quoted)>& keep);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_INCLUDE_PREFIX_H_
