#include "jit/compile/llvm/target_machine.h"

#include <map>
#include <mutex>
#include <utility>

#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CodeGen.h>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr size_t kMostIdleMachines = 32;

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

// Machines that no compile uses at the moment.
class IdleMachines {
 public:
  std::unique_ptr<llvm::TargetMachine> Take(const TargetSpec& target, int opt_level) {
    const std::lock_guard lock(mutex_);
    const auto found = machines_.find({target, opt_level});
    if (found == machines_.end()) return nullptr;
    std::unique_ptr<llvm::TargetMachine> machine = std::move(found->second);
    machines_.erase(found);
    return machine;
  }

  void Put(const TargetSpec& target, int opt_level, std::unique_ptr<llvm::TargetMachine> machine) {
    const std::lock_guard lock(mutex_);
    if (machines_.size() >= kMostIdleMachines) machines_.erase(machines_.begin());
    machines_.emplace(std::pair(target, opt_level), std::move(machine));
  }

 private:
  std::mutex mutex_;
  std::multimap<std::pair<TargetSpec, int>, std::unique_ptr<llvm::TargetMachine>> machines_;
};

// Never destroyed: a compile may still run on another thread while the process exits.
IdleMachines& Idle() {
  static auto* const kIdle = new IdleMachines;
  return *kIdle;
}

}  // namespace

TargetMachineLease::TargetMachineLease(const TargetSpec& target, int opt_level)
    : target_(target), opt_level_(opt_level), machine_(Idle().Take(target, opt_level)) {
  if (machine_ == nullptr) machine_ = MakeMachine(target, opt_level);
}

TargetMachineLease::~TargetMachineLease() { Idle().Put(target_, opt_level_, std::move(machine_)); }

}  // namespace kiln::jit
