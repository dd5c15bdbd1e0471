#ifndef KILN_JIT_COMPILE_CLANG_DEVICE_SYMBOLS_H_
#define KILN_JIT_COMPILE_CLANG_DEVICE_SYMBOLS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <clang/AST/ASTContext.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/IR/Module.h>

namespace kiln::jit {

// A kernel or a variable of the device that host code refers to.
struct DeviceSymbol {
  std::string symbol;      // of the kernel's launch stub, or of the variable's shadow on the host
  std::string expression;  // which names it in the source: "(void(*)(float*, int))(ns::scale<4>)"
};

// The kernels and variables that `module`, as Clang made it from a CUDA source, registers with
// CUDA's runtime. `declaration_of` gives the declaration behind a symbol of the module.
std::vector<DeviceSymbol> DeviceSymbolsOf(
    const llvm::Module& module, const clang::ASTContext& context,
    const std::function<const clang::Decl*(llvm::StringRef)>& declaration_of);

// Completes such a module: the device code that it registers is the fat binary that another object
// defines at the symbol `fat_binary`, and the names of its kernels and variables there are texts
// that the same object defines at DeviceNameSymbol(fat_binary, i), in the order of `symbols`. Stubs
// launch by way of a KernelSlot (jit/device/registered_code.h), the global variable
// KernelSlotName(stub).
void CompleteRegistration(const std::vector<DeviceSymbol>& symbols, const std::string& fat_binary,
                          llvm::Module* module);

std::string DeviceNameSymbol(const std::string& fat_binary, size_t index);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_DEVICE_SYMBOLS_H_
