#include "jit/compile/llvm/support_code.h"

#include <algorithm>
#include <array>

#include "jit/compile/llvm/packed_support.h"

// The build makes the objects, and the assembler copies their bytes.
asm(".section .rodata.kiln_packed_support, \"a\", @progbits\n"
    ".globl kiln_packed_c, kiln_packed_c_end, kiln_packed_cxx, kiln_packed_cxx_end\n"
    ".hidden kiln_packed_c, kiln_packed_c_end, kiln_packed_cxx, kiln_packed_cxx_end\n"
    ".globl kiln_launch_c, kiln_launch_c_end\n"
    ".hidden kiln_launch_c, kiln_launch_c_end\n"
    "kiln_packed_c: .incbin \"" KILN_PACKED_SUPPORT
    "\"\n"
    "kiln_packed_c_end:\n"
    "kiln_packed_cxx: .incbin \"" KILN_PACKED_EXCEPTION
    "\"\n"
    "kiln_packed_cxx_end:\n"
    "kiln_launch_c: .incbin \"" KILN_LAUNCH_SUPPORT
    "\"\n"
    "kiln_launch_c_end:\n"
    ".previous\n");
extern "C" {
extern const char kiln_packed_c[] __attribute__((visibility("hidden")));
extern const char kiln_packed_c_end[] __attribute__((visibility("hidden")));
extern const char kiln_packed_cxx[] __attribute__((visibility("hidden")));
extern const char kiln_packed_cxx_end[] __attribute__((visibility("hidden")));
extern const char kiln_launch_c[] __attribute__((visibility("hidden")));
extern const char kiln_launch_c_end[] __attribute__((visibility("hidden")));
}

namespace kiln::jit {

std::span<const std::pair<std::string_view, void*>> SupportSymbols() {
  static const std::array<std::pair<std::string_view, void*>, 5> kSymbols = {{
      {"kiln_packed_has_nul", reinterpret_cast<void*>(&kiln_packed_has_nul)},
      {"kiln_packed_raise_argument", reinterpret_cast<void*>(&kiln_packed_raise_argument)},
      {"kiln_packed_raise_count", reinterpret_cast<void*>(&kiln_packed_raise_count)},
      {"kiln_packed_raise_exception", reinterpret_cast<void*>(&kiln_packed_raise_exception)},
      {"kiln_packed_unsigned_bits", reinterpret_cast<void*>(&kiln_packed_unsigned_bits)},
  }};
  return kSymbols;
}

std::vector<std::string> SupportObjects(const std::vector<std::string>& objects) {
  const auto mention = [&](std::string_view symbol) {
    return std::any_of(objects.begin(), objects.end(), [&](const std::string& object) {
      return object.find(symbol) != std::string::npos;
    });
  };
  std::vector<std::string> support;
  if (mention("kiln_packed_raise_argument") || mention("kiln_packed_raise_count")) {
    support.emplace_back(kiln_packed_c, kiln_packed_c_end);
  }
  if (mention("kiln_packed_raise_exception")) {
    support.emplace_back(kiln_packed_cxx, kiln_packed_cxx_end);
  }
  if (mention("__kiln_launch_kernel")) support.emplace_back(kiln_launch_c, kiln_launch_c_end);
  return support;
}

}  // namespace kiln::jit
