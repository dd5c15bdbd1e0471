// Integers of more than 64 bits.
#ifndef KILN_RUNTIME_BIG_INT_H_
#define KILN_RUNTIME_BIG_INT_H_

namespace kiln::runtime {

// Makes big integers keys by their value: registers the type's `__any_hash__` and `__any_equal__`.
// Called once, when the library is loaded. Throws std::bad_alloc.
void RegisterBigIntKeys();

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_BIG_INT_H_
