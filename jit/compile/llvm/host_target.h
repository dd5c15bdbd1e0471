#ifndef KILN_JIT_COMPILE_LLVM_HOST_TARGET_H_
#define KILN_JIT_COMPILE_LLVM_HOST_TARGET_H_

#include <string>
#include <vector>

#include "jit/artifact/compile_options.h"

namespace kiln::jit {

// What code is generated for. `features` names every feature that is on or off, those that `cpu`
// implies too, sorted: "+avx2,-avx512f,+fma".
struct TargetSpec {
  std::string triple;
  std::string cpu;
  std::string features;

  auto operator<=>(const TargetSpec&) const = default;
};

inline constexpr char kHostTriple[] = "x86_64-pc-linux-gnu";

// This machine. Found out once: asking the CPU is slow in a virtual machine.
const TargetSpec& HostTarget();

// The target that `options` ask for. Throws ValueError where a CPU or a feature is unknown, with
// the nearest known name.
TargetSpec ResolveTarget(const CompileOptions& options);

// "+avx2,-fma" as {"+avx2", "-fma"}.
std::vector<std::string> SplitFeatures(const std::string& features);

// Registers LLVM's X86 backend. Does its work once, whoever calls.
void InitializeBackend();

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_HOST_TARGET_H_
