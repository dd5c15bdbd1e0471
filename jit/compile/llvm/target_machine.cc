#include "jit/compile/llvm/target_machine.h"

#include <map>
#include <mutex>
#include <utility>

#include <llvm/IR/InstIterator.h>
#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CodeGen.h>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr size_t kMostIdle = 32;

std::unique_ptr<llvm::TargetMachine> MakeMachine(const TargetSpec& spec, int opt_level) {
  InitializeBackend();
  std::string error;
  const llvm::Target* target = llvm::TargetRegistry::lookupTarget(spec.triple, error);
  if (target == nullptr) {
    throw kiln::Error("RuntimeError", "LLVM has no backend for '" + spec.triple + "': " + error);
  }
  llvm::TargetOptions options;
  options.UseInitArray = true;
  options.EmulatedTLS = true;
  constexpr llvm::CodeGenOptLevel kLevels[] = {
      llvm::CodeGenOptLevel::None, llvm::CodeGenOptLevel::Less, llvm::CodeGenOptLevel::Default,
      llvm::CodeGenOptLevel::Aggressive};
  std::unique_ptr<llvm::TargetMachine> machine(
      target->createTargetMachine(spec.triple, spec.cpu, spec.features, options, llvm::Reloc::PIC_,
                                  llvm::CodeModel::Small, kLevels[opt_level], /*JIT=*/false));
  if (machine == nullptr) {
    throw kiln::Error("RuntimeError", "LLVM can't make code for '" + spec.triple + "'");
  }
  return machine;
}

// Whether LLVM's code generator would keep something of the module: numbered labels ("1: jmp 1b"),
// which only assembly has, maps of the stack, and what belongs to garbage collectors and split
// stacks.
bool LeavesTraces(const llvm::Module& module) {
  if (!module.getModuleInlineAsm().empty()) return true;
  for (const llvm::Function& function : module) {
    switch (function.getIntrinsicID()) {
      case llvm::Intrinsic::experimental_gc_statepoint:
      case llvm::Intrinsic::experimental_patchpoint:
      case llvm::Intrinsic::experimental_patchpoint_void:
      case llvm::Intrinsic::experimental_stackmap:
        return true;
      default:
        break;
    }
    if (function.hasGC() || function.hasFnAttribute("split-stack")) return true;
    for (const llvm::Instruction& instruction : llvm::instructions(function)) {
      const auto* const call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (call != nullptr && call->isInlineAsm()) return true;
    }
  }
  return false;
}

}  // namespace

// Those that no compile uses at the moment.
class IdleBackends {
 public:
  using Backend = TargetMachineLease::Backend;

  // Without a machine where there is none.
  Backend Take(const TargetSpec& target, int opt_level) {
    const std::lock_guard lock(mutex_);
    const auto found = backends_.find({target, opt_level});
    if (found == backends_.end()) return {};
    Backend backend = std::move(found->second);
    backends_.erase(found);
    return backend;
  }

  void Put(const TargetSpec& target, int opt_level, Backend backend) {
    const std::lock_guard lock(mutex_);
    if (backends_.size() >= kMostIdle) backends_.erase(backends_.begin());
    backends_.emplace(std::pair(target, opt_level), std::move(backend));
  }

 private:
  std::mutex mutex_;
  std::multimap<std::pair<TargetSpec, int>, Backend> backends_;
};

namespace {

// Never destroyed: a compile may still run on another thread while the process exits.
IdleBackends& Idle() {
  static auto* const kIdle = new IdleBackends;
  return *kIdle;
}

}  // namespace

TargetMachineLease::TargetMachineLease(const TargetSpec& target, int opt_level)
    : target_(target), opt_level_(opt_level), backend_(Idle().Take(target, opt_level)) {
  if (backend_.machine == nullptr) backend_.machine = MakeMachine(target, opt_level);
}

TargetMachineLease::~TargetMachineLease() {
  if (!discarded_) Idle().Put(target_, opt_level_, std::move(backend_));
}

std::string TargetMachineLease::EmitObject(llvm::Module* module) {
  if (LeavesTraces(*module)) {
    return ObjectEmitter(backend_.machine.get(), llvm::CodeGenFileType::ObjectFile).Emit(module);
  }
  if (backend_.emitter == nullptr) {
    backend_.emitter =
        std::make_unique<ObjectEmitter>(backend_.machine.get(), llvm::CodeGenFileType::ObjectFile);
  }
  return backend_.emitter->Emit(module);
}

}  // namespace kiln::jit
