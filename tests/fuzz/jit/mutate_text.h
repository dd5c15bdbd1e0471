#ifndef KILN_TESTS_FUZZ_JIT_MUTATE_TEXT_H_
#define KILN_TESTS_FUZZ_JIT_MUTATE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kiln::fuzz {

// A text like `text`, changed as a language is: by words, lines and brackets, and not by bytes. At
// most `max_size` bytes. The same seed gives the same text.
std::string MutatedText(std::string_view text, size_t max_size, uint64_t seed);

// One that has parts of both.
std::string CrossedText(std::string_view one, std::string_view other, size_t max_size,
                        uint64_t seed);

}  // namespace kiln::fuzz

#endif  // KILN_TESTS_FUZZ_JIT_MUTATE_TEXT_H_
