#ifndef KILN_TESTS_FUZZ_JIT_MUTATE_OBJECT_H_
#define KILN_TESTS_FUZZ_JIT_MUTATE_OBJECT_H_

#include <cstddef>
#include <cstdint>

namespace kiln::fuzz {

// Changes a field of the headers, sections, symbols, relocations or unwind tables of the ELF object
// that `bytes` hold, or that an archive there holds. Returns false, and changes nothing, where
// there is none. The same seed makes the same change.
bool MutateObject(uint8_t* bytes, size_t size, uint64_t seed);

}  // namespace kiln::fuzz

#endif  // KILN_TESTS_FUZZ_JIT_MUTATE_OBJECT_H_
