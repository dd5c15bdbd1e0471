// Arguments of a call as a command line writes them:
//
//   3  -7  0x1f             an int                2.5  1e3  -inf  nan     a float
//   true  false             a bool                none                    no value
//   str:some text           a string, which may be empty
//   DTYPE[SHAPE]=VALUES     a tensor in CPU memory, row by row
//
// DTYPE is a name of element_type.h, SHAPE is extents separated by commas (empty for a single
// element), and VALUES is one of
//   1,2,3      the elements, row by row; a single one fills the tensor
//   zeros ones the same element everywhere
//   arange     0, 1, 2, ...
//   rand       pseudo-random, the same at every run: floats in [0, 1), integers from 0 to 99, bools
//
// A plain word is no string: it is more often a slip than a text.
#ifndef KILN_JIT_CLI_TENSOR_ARGUMENT_H_
#define KILN_JIT_CLI_TENSOR_ARGUMENT_H_

#include <string_view>

#include <kiln/any.h>

namespace kiln::cli {

// The value that `text` writes. `position` counts from 0: messages name it, and `rand` gives other
// elements at another position. Throws ValueError if the text is none of the above, and where the
// tensor would not fit in the memory that is free.
Any ParseArgument(std::string_view text, int position);

// True for the text of an int or a float: what a command line may give with a leading minus sign.
bool IsNumber(std::string_view text);

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_TENSOR_ARGUMENT_H_
