#ifndef KILN_JIT_LINK_SUPPORT_OBJECTS_H_
#define KILN_JIT_LINK_SUPPORT_OBJECTS_H_

#include <string>

namespace kiln::jit {

// Objects of our own, which stand in this library and become part of what is linked.

// library_start.c: first in every shared library.
const std::string& LibraryStart();

// emulated_once.c: for code that refers to the symbol kOnceCallable.
const std::string& EmulatedOnce();
inline constexpr char kOnceCallable[] = "__emutls_v._ZSt15__once_callable";

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_SUPPORT_OBJECTS_H_
