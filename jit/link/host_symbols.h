#ifndef KILN_JIT_LINK_HOST_SYMBOLS_H_
#define KILN_JIT_LINK_HOST_SYMBOLS_H_

#include <span>
#include <string>
#include <string_view>

namespace kiln::jit {

struct HostSymbol {
  std::string_view name;
  void* address;  // null where the runtime in this process does not have it
};

// The functions of the TVM FFI C ABI, sorted by name, as this library is bound to them. A search by
// dlsym may miss them: Python loads libtvm_ffi.so with local scope.
std::span<const HostSymbol> AbiSymbols();

// The address of one of them, or null.
void* FindAbiSymbol(std::string_view name);

// The address of `name` in this process, or null. Looks at the ABI's functions, then at the symbols
// with global scope, then at libm, libgcc_s, libstdc++ and libc, which every host has but not
// always with global scope.
void* FindHostSymbol(const std::string& name);

}  // namespace kiln::jit

#endif  // KILN_JIT_LINK_HOST_SYMBOLS_H_
