// The error that an action throws, as a value.
#ifndef KILN_TESTS_ABI_CPP_THROWN_H_
#define KILN_TESTS_ABI_CPP_THROWN_H_

#include <string_view>
#include <utility>

#include <kiln/error.h>

namespace kiln::testing {

// An error of kind "no error" where `action` throws none.
template <typename Action>
Error ThrownBy(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const Error& error) {
    return error;
  }
  return Error("no error", "the action threw none");
}

inline bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_ABI_CPP_THROWN_H_
