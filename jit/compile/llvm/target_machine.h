#ifndef KILN_JIT_COMPILE_LLVM_TARGET_MACHINE_H_
#define KILN_JIT_COMPILE_LLVM_TARGET_MACHINE_H_

#include <memory>

#include <llvm/Target/TargetMachine.h>

#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {

// A TargetMachine for one compile. To make one takes as long as to compile a small kernel, and one
// can't serve two threads at once; so a lease takes one that an earlier compile has given back, and
// gives it back when it dies.
//
// Machines make position-independent code for the small code model, with .init_array and with
// thread-local variables that need no loader (emulated TLS).
class TargetMachineLease {
 public:
  // Throws RuntimeError where LLVM can't make the machine.
  TargetMachineLease(const TargetSpec& target, int opt_level);
  ~TargetMachineLease();
  TargetMachineLease(const TargetMachineLease&) = delete;
  TargetMachineLease& operator=(const TargetMachineLease&) = delete;

  llvm::TargetMachine& operator*() const { return *machine_; }
  llvm::TargetMachine* operator->() const { return machine_.get(); }

 private:
  TargetSpec target_;
  int opt_level_;
  std::unique_ptr<llvm::TargetMachine> machine_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_TARGET_MACHINE_H_
