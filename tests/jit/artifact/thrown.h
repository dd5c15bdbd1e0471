#ifndef KILN_TESTS_JIT_ARTIFACT_THROWN_H_
#define KILN_TESTS_JIT_ARTIFACT_THROWN_H_

#include <string>

#include "kiln/error.h"

namespace kiln::jit {

struct Thrown {
  std::string kind;
  std::string message;
  std::string context;  // the extra context, if it is a string
};

// The kiln::Error that `action` throws; the strings are empty where it throws none.
template <class Action>
Thrown ThrownBy(Action&& action) {
  try {
    action();
  } catch (const kiln::Error& error) {
    const ObjectRef context = error.extra_context();
    const bool is_text =
        context.get() != nullptr && TVMFFIObjectGetTypeIndex(context.handle()) == kTVMFFIStr;
    return {std::string(error.kind()), std::string(error.message()),
            is_text ? std::string(details::ViewOf(*TVMFFIBytesGetByteArrayPtr(context.handle())))
                    : std::string()};
  }
  return {};
}

inline bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace kiln::jit

#endif  // KILN_TESTS_JIT_ARTIFACT_THROWN_H_
