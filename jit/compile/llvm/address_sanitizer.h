#ifndef KILN_JIT_COMPILE_LLVM_ADDRESS_SANITIZER_H_
#define KILN_JIT_COMPILE_LLVM_ADDRESS_SANITIZER_H_

namespace llvm {
class PassBuilder;
}

namespace kiln::jit {

// Throws ValueError where this process does not run under AddressSanitizer. Instrumented code needs
// its shadow memory, which can only be set up when a process starts.
void CheckAddressSanitizerRuns();

// Has `builder` instrument the functions that Clang marked for it, after all optimisation.
void AddAddressSanitizer(llvm::PassBuilder* builder);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_ADDRESS_SANITIZER_H_
