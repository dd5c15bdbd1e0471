#include "jit/compile/llvm/address_sanitizer.h"

#include <dlfcn.h>

#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/Instrumentation/AddressSanitizer.h>

#include "kiln/error.h"

namespace kiln::jit {

void CheckAddressSanitizerRuns() {
  if (dlsym(RTLD_DEFAULT, "__asan_init") != nullptr) return;
  throw kiln::Error("ValueError",
                    "sanitize 'address' needs a process that runs under AddressSanitizer, and this "
                    "one does not: build the program with -fsanitize=address, or start it with "
                    "LD_PRELOAD=$(gcc -print-file-name=libasan.so); sanitize 'undefined' works in "
                    "every process");
}

void AddAddressSanitizer(llvm::PassBuilder* builder) {
  builder->registerOptimizerLastEPCallback([](llvm::ModulePassManager& passes,
                                              llvm::OptimizationLevel) {
    // Globals are registered by a constructor: the sections that a static linker would gather
    // mean nothing to ours.
    passes.addPass(llvm::AddressSanitizerPass(llvm::AddressSanitizerOptions(),
                                              /*UseGlobalGC=*/false, /*UseOdrIndicator=*/false));
  });
}

}  // namespace kiln::jit
