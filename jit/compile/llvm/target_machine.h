#ifndef KILN_JIT_COMPILE_LLVM_TARGET_MACHINE_H_
#define KILN_JIT_COMPILE_LLVM_TARGET_MACHINE_H_

#include <memory>
#include <string>

#include <llvm/Target/TargetMachine.h>

#include "jit/compile/llvm/host_target.h"
#include "jit/compile/llvm/object_emitter.h"

namespace kiln::jit {

// A TargetMachine for one compile, and its code generator. To make them takes longer than to
// compile a small kernel, and they can't serve two threads at once; so a lease takes those that an
// earlier compile has given back, and gives them back when it dies.
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

  llvm::TargetMachine& operator*() const { return *backend_.machine; }
  llvm::TargetMachine* operator->() const { return backend_.machine.get(); }

  // A relocatable ELF object of `module`, which is used up.
  std::string EmitObject(llvm::Module* module);

  // Says that something went wrong: the machine is not given back.
  void Discard() { discarded_ = true; }

 private:
  friend class IdleBackends;
  struct Backend {
    std::unique_ptr<llvm::TargetMachine> machine;
    std::unique_ptr<ObjectEmitter> emitter;  // null before the first object
  };

  TargetSpec target_;
  int opt_level_;
  Backend backend_;
  bool discarded_ = false;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_TARGET_MACHINE_H_
