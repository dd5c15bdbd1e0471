#ifndef KILN_JIT_COMPILE_LLVM_ELF_OBJECT_H_
#define KILN_JIT_COMPILE_LLVM_ELF_OBJECT_H_

#include <string>
#include <string_view>
#include <vector>

#include "kiln/error.h"

namespace kiln::jit {

// A symbol that other objects see, or that is sought in them.
struct ObjectSymbol {
  std::string name;
  bool is_defined = false;
  bool is_weak = false;
  bool is_function = false;
  bool is_hidden = false;  // other objects of the same image see it, and no one else
};

// The CompileError about the file `name` as a whole.
kiln::Error ObjectError(const std::string& name, std::string message);

// Checks that `bytes` are a relocatable ELF file for x86-64, and whole: what the linker relies on
// without looking lies within it. `name` is what messages call it. Throws CompileError, which says
// what the bytes are instead, or where they are damaged.
void CheckObject(std::string_view bytes, const std::string& name);

// The symbols of an object in the order of its symbol table, without local ones. Precondition:
// CheckObject accepts it; other bytes have no symbols.
std::vector<ObjectSymbol> SymbolsOf(std::string_view bytes);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_ELF_OBJECT_H_
