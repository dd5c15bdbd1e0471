#ifndef KILN_JIT_ARTIFACT_UTF8_H_
#define KILN_JIT_ARTIFACT_UTF8_H_

#include <cstddef>
#include <string_view>

namespace kiln::jit {

// The bytes of the UTF-8 character that `text`, which is not empty, opens with; 0 where it opens
// with none.
size_t Utf8Length(std::string_view text);

// Whether all of `text` is UTF-8.
bool IsUtf8(std::string_view text);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_UTF8_H_
