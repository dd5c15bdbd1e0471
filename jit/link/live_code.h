#ifndef KILN_JIT_LINK_LIVE_CODE_H_
#define KILN_JIT_LINK_LIVE_CODE_H_

#include <cstddef>
#include <string>

#include "jit/link/image_symbols.h"

namespace kiln::jit {

// The code in memory at present, by its addresses, for DescribeAddress. Any thread may call these,
// and children of fork.

// `size` bytes from `begin` on are the code of an image; `name` and `symbols` stay as long as it
// does. Nothing happens where `begin` is null.
void AddLiveCode(const char* begin, size_t size, const std::string* name,
                 const ImageSymbols* symbols);
void RemoveLiveCode(const char* begin) noexcept;

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_LIVE_CODE_H_
