// The error that an action raises, as text.
#ifndef KILN_TESTS_JIT_ERROR_OF_H_
#define KILN_TESTS_JIT_ERROR_OF_H_

#include <string>
#include <utility>

#include "kiln/error.h"

namespace kiln::testing {

// "Kind: message", or "no error".
template <typename Action>
std::string ErrorOf(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_JIT_ERROR_OF_H_
