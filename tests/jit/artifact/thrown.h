#ifndef KILN_TESTS_JIT_ARTIFACT_THROWN_H_
#define KILN_TESTS_JIT_ARTIFACT_THROWN_H_

#include <string>

#include "kiln/error.h"

namespace kiln::jit {

struct Thrown {
  std::string kind;
  std::string message;
};

// The kiln::Error that `action` throws; both strings are empty where it throws none.
template <class Action>
Thrown ThrownBy(Action&& action) {
  try {
    action();
  } catch (const kiln::Error& error) {
    return {std::string(error.kind()), std::string(error.message())};
  }
  return {};
}

inline bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_ARTIFACT_THROWN_H_
