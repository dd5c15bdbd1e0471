// Modules over the symbols of a library: a shared one, or what is linked into the program.
//
// A function `add` is the symbol `__tvm_ffi_add`; its documentation and metadata come from symbols
// beside it.
#ifndef KILN_RUNTIME_LIBRARY_MODULE_H_
#define KILN_RUNTIME_LIBRARY_MODULE_H_

#include <memory>
#include <string>
#include <string_view>

#include <kiln/module.h>

namespace kiln::runtime {

// Where a module's symbols come from. Asked by any thread.
class SymbolSource {
 public:
  virtual ~SymbolSource() = default;

  // The address of a symbol, or null.
  virtual void* Find(const std::string& symbol) const = 0;
  // The address of what the convention calls `lead` + `name`, or null.
  virtual void* FindEntry(std::string_view lead, std::string_view name) const = 0;
  // True if a symbol that has been found keeps its address as long as the source lives.
  virtual bool IsFixed() const noexcept = 0;
};

// The module of kind "library" over these symbols. Sets the variables among them that ask for a
// context symbol (context_symbols.h), and for the module itself.
Module MakeLibraryModule(std::unique_ptr<const SymbolSource> symbols);

// Opens the library. A path without a slash is that file if it exists, else the dynamic linker
// searches for it. Throws RuntimeError with the linker's words.
Module LoadLibraryModule(const std::string& path);

}  // namespace kiln::runtime

#endif  // KILN_RUNTIME_LIBRARY_MODULE_H_
