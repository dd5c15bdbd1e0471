#ifndef KILN_JIT_COMPILE_LLVM_DIAGNOSTICS_H_
#define KILN_JIT_COMPILE_LLVM_DIAGNOSTICS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "jit/artifact/diagnostic.h"
#include "jit/artifact/source.h"

namespace llvm {
class LLVMContext;
class SMDiagnostic;
}  // namespace llvm

namespace kiln::jit {

// Fills in where the inline assembly with this !srcloc stands in the source. Leaves the diagnostic
// as it is where that is not known.
using AsmLocator = std::function<void(uint64_t srcloc, Diagnostic*)>;

// Lets every message of LLVM about modules of `context` end in `sink`, under the name of the
// source; with `remarks` also what the optimiser did and did not do (remarks.h says which). Without
// this LLVM ends the process at an error in assembly. `source` and `sink` must outlive the context.
void CollectDiagnostics(llvm::LLVMContext* context, const Source& source, bool remarks,
                        std::vector<Diagnostic>* sink, AsmLocator locate = nullptr);

// A message with the place and the line that it is about, as LLVM's parsers give it.
Diagnostic FromSMDiagnostic(const llvm::SMDiagnostic& message, std::string file);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_DIAGNOSTICS_H_
