// Values as JSON, for programs to read.
#ifndef KILN_JIT_CLI_JSON_VALUE_H_
#define KILN_JIT_CLI_JSON_VALUE_H_

#include <nlohmann/json_fwd.hpp>

#include <kiln/any.h>

namespace kiln::cli {

// None is null; a bool, an int and a string are themselves, and so is a float, but that NaN and the
// infinities, which JSON lacks, are the strings "nan", "inf" and "-inf". An array is an array, and
// a map whose keys are strings an object. A tensor is
//
//   {"dtype": "float32", "shape": [2, 3], "data": [0, 1, 2, 3, 4, 5]}
//
// with every element, row by row; "data" is null where the elements can't be read here (device
// memory, types without a text form). Bytes are {"bytes": "00ff"}, in hexadecimal. Anything else is
// {"text": ...}, as ValueText shows it.
nlohmann::ordered_json JsonValue(AnyView value);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_JSON_VALUE_H_
