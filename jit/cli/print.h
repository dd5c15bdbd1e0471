// Values as text, for people to read.
#ifndef KILN_JIT_CLI_PRINT_H_
#define KILN_JIT_CLI_PRINT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include <kiln/any.h>
#include <kiln/tensor.h>

namespace kiln::cli {

// "label: value" and a newline. A tensor takes a line for its type and the lines of its elements:
//
//   arg 1: float32[2, 3]
//   [[0, 1, 2],
//    [3, 4, 5]]
//
// An array that holds tensors or arrays becomes one such entry for each element, "label[0]" and on.
std::string LabelledText(std::string_view label, AnyView value);

// A value on one line: `2`, `2.0`, `true`, `none`, `"text"`, `[1, 2]`, `float32[2, 3]`, "function".
std::string ValueText(AnyView value);

// "float32[2, 3]", followed by what is unusual: another device than the CPU, gaps between elements.
std::string TensorTypeText(const DLTensor& tensor);

// True if the elements can be read here and have a text form.
bool CanShowElements(const DLTensor& tensor);

// The elements in nested brackets, in columns. Of a tensor of more than 1000 elements, each
// dimension shows the first and the last three. Elements that can't be read (device memory, types
// without a text form) become a remark in angle brackets.
std::string ElementsText(const DLTensor& tensor);

// "85 ns", "1.23 us", "45.6 ms", "12.3 s".
std::string DurationText(double nanoseconds);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_PRINT_H_
