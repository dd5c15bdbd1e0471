// The element types that a tensor can be written and printed in: their names, and one element from
// and to text.
#ifndef KILN_JIT_CLI_ELEMENT_TYPE_H_
#define KILN_JIT_CLI_ELEMENT_TYPE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <kiln/dtype.h>

namespace kiln::cli {

// The data type of that name, short ("f32", "bf16") or as the ABI spells it ("float32",
// "bfloat16").
std::optional<DLDataType> FindElementType(std::string_view name);

// True if elements of that type have a text form here.
bool HasTextForm(DLDataType dtype);

// "f16, bf16, f32, ...", for messages.
std::string ElementTypeNames();

// The functions below take the types of HasTextForm. `element` needs no alignment.

// Writes the number that `text` spells to `element`. Throws ValueError if it is none, or not in the
// range of the type. Floats round to nearest.
void StoreText(DLDataType dtype, std::string_view text, void* element);

// Writes `value` to `element`. Throws ValueError where the type's range ends before it.
void StoreInteger(DLDataType dtype, int64_t value, void* element);

// Writes a pseudo-random element that `bits`, 64 random bits, decide: a float in [0, 1), an integer
// from 0 to 99, or a bool.
void StoreRandom(DLDataType dtype, uint64_t bits, void* element);

// The shortest text that reads back as the same element; "true" and "false" for a bool.
std::string ElementText(DLDataType dtype, const void* element);

// The shortest text that reads back as the same double.
std::string FloatText(double value);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_ELEMENT_TYPE_H_
