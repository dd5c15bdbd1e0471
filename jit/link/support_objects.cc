#include "jit/link/support_objects.h"

// Defines kiln_object_<name> and kiln_object_<name>_end around the bytes of a file.
#define KILN_EMBED(name, file)                                                      \
  asm(".section .rodata.kiln_object_" #name                                         \
      ", \"a\", @progbits\n"                                                        \
      ".globl kiln_object_" #name ", kiln_object_" #name                            \
      "_end\n"                                                                      \
      ".hidden kiln_object_" #name ", kiln_object_" #name                           \
      "_end\n"                                                                      \
      "kiln_object_" #name ": .incbin \"" file                                      \
      "\"\n"                                                                        \
      "kiln_object_" #name                                                          \
      "_end:\n"                                                                     \
      ".previous\n");                                                               \
  extern "C" const char kiln_object_##name[] __attribute__((visibility("hidden"))); \
  extern "C" const char kiln_object_##name##_end[] __attribute__((visibility("hidden")));

KILN_EMBED(library_start, KILN_LIBRARY_START)
KILN_EMBED(emulated_once, KILN_EMULATED_ONCE)

namespace kiln::jit {

const std::string& LibraryStart() {
  static const auto* const kBytes =
      new std::string(kiln_object_library_start, kiln_object_library_start_end);
  return *kBytes;
}

const std::string& EmulatedOnce() {
  static const auto* const kBytes =
      new std::string(kiln_object_emulated_once, kiln_object_emulated_once_end);
  return *kBytes;
}

}  // namespace kiln::jit
