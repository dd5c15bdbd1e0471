// The error that a C API function left behind.
#ifndef KILN_TESTS_FUZZ_RAISED_H_
#define KILN_TESTS_FUZZ_RAISED_H_

#include <string>

#include <kiln/error.h>

namespace kiln::fuzz {

// Its kind, and it is taken; "" if this thread has raised none.
inline std::string TakeRaisedKind() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  if (handle == nullptr) return "";
  return std::string(Error(ObjectPtr<ErrorObj>::AdoptHandle(handle)).kind());
}

}  // namespace kiln::fuzz

#endif  // KILN_TESTS_FUZZ_RAISED_H_
