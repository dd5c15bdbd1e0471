// Functions of the library that is built with the reference's C++ headers.
#ifndef KILN_TESTS_ABI_CPP_REFERENCE_FUNCTION_H_
#define KILN_TESTS_ABI_CPP_REFERENCE_FUNCTION_H_

#include <kiln/module.h>

namespace kiln::testing {

// The function of that name in reference_library.cc and the files beside it.
inline Function Reference(const char* name) {
  static const Module library = Module::LoadFromFile(KILN_REFERENCE_LIBRARY);
  return library.GetFunction(name);
}

}  // namespace kiln::testing

#endif  // KILN_TESTS_ABI_CPP_REFERENCE_FUNCTION_H_
