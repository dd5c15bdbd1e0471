// Arguments of the C API that must not be null.
#ifndef KILN_RUNTIME_ARGUMENT_H_
#define KILN_RUNTIME_ARGUMENT_H_

#include <string>
#include <string_view>

#include <kiln/error.h>

namespace kiln::runtime {

// What the argument points to. Throws ValueError if it is null; `what` names it: "a name".
template <typename T>
T& Required(T* argument, const char* what) {
  if (argument == nullptr) [[unlikely]] {
    throw Error("ValueError", std::string(what) + " must be given, got null");
  }
  return *argument;
}

// The text of an argument. Throws ValueError if it has a length and no content, or is null.
inline std::string_view RequiredText(const TVMFFIByteArray* argument, const char* what) {
  const TVMFFIByteArray& text = Required(argument, what);
  if (text.data == nullptr && text.size != 0) [[unlikely]] {
    throw Error("ValueError", std::string(what) + " of " + std::to_string(text.size) +
                                  " bytes has a null data pointer");
  }
  return details::ViewOf(text);
}

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_ARGUMENT_H_
