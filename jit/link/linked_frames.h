#ifndef KILN_JIT_LINK_LINKED_FRAMES_H_
#define KILN_JIT_LINK_LINKED_FRAMES_H_

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jit {

// What is wrong with the unwind tables (.eh_frame) of an image in memory, as they are once all
// relocations are applied; nullopt: nothing. Whoever throws, anywhere in the process, has libgcc
// read the tables of all images, and libgcc believes them: each record must lie in `frames`, belong
// to a common record there, and be about `code` alone, and a zero word must end them.
std::optional<std::string> FaultInLinkedFrames(std::string_view frames, std::string_view code);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_LINKED_FRAMES_H_
