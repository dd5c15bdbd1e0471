#ifndef KILN_JIT_COMPILE_LLVM_REMARKS_H_
#define KILN_JIT_COMPILE_LLVM_REMARKS_H_

#include <string_view>
#include <vector>

#include "jit/artifact/diagnostic.h"
#include "jit/artifact/source.h"

namespace llvm {
class DiagnosticInfoOptimizationBase;
}

namespace kiln::jit {

// What a pass of the optimiser tells about a piece of code: that it changed it, that it could not,
// or why it could not.
enum class RemarkKind { kPassed, kMissed, kAnalysis };

// The remarks that an author of a kernel can act on:
//
//   pass             passed  missed  analysis
//   loop-vectorize     x       x        x
//   slp-vectorizer     x       x               straight-line code
//   inline             x       x
//   loop-unroll        x
//   loop-idiom         x                       a loop that became memset or memcpy
//   licm                       x               a load that stays in a loop, mostly for want of
//   restrict
bool IsRemarkKept(RemarkKind kind, std::string_view pass);

// Adds a remark to `sink`, its pass as the option, its place by the debug locations of the code.
// One without a place names its function; of C and C++, whose code has places wherever an author
// wrote it, such a remark is left out. So is one that repeats another, or says less of the same
// place
// ("loop not vectorized" after "loop not vectorized: <reason>"), and all after the first 1000.
void AddRemark(const llvm::DiagnosticInfoOptimizationBase& remark, const Source& source,
               std::vector<Diagnostic>* sink);

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_REMARKS_H_
