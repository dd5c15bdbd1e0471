#ifndef KILN_JIT_COMPILE_LLVM_OBJECT_EMITTER_H_
#define KILN_JIT_COMPILE_LLVM_OBJECT_EMITTER_H_

#include <memory>
#include <string>

#include <llvm/ADT/SmallVector.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

namespace llvm {
class Module;
}

namespace kiln::jit {

// LLVM's code generator, made once for a machine and used for one module after another: to set its
// passes up takes as long as to run them on a small kernel. For one thread at a time. After a
// module with an error it must not be used again.
class ObjectEmitter {
 public:
  // `machine` must outlive the emitter. Throws RuntimeError where it can't write files of that
  // kind.
  ObjectEmitter(llvm::TargetMachine* machine, llvm::CodeGenFileType kind);

  // The relocatable ELF object, or the assembly, of `module`, which is used up.
  std::string Emit(llvm::Module* module);

 private:
  llvm::SmallVector<char, 0> bytes_;
  llvm::raw_svector_ostream stream_;
  llvm::legacy::PassManager passes_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_LLVM_OBJECT_EMITTER_H_
