#include "jit/compile/clang/groundwork.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <utility>

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Basic/TargetOptions.h>

#include "jit/compile/clang/diagnostic_collector.h"

namespace kiln::jit {
namespace {

constexpr size_t kMostIdle = 16;

std::string KeyOf(const std::vector<std::string>& arguments, const TargetSpec& target) {
  std::string key = target.features;
  for (const std::string& argument : arguments) key.append(1, '\0').append(argument);
  return key;
}

// Those that no compile uses at the moment. The one that was given back last comes first.
class IdleGroundworks {
 public:
  std::unique_ptr<Groundwork> Take(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(idle_.begin(), idle_.end(),
                                    [&](const auto& entry) { return entry.first == key; });
    if (found == idle_.end()) return nullptr;
    std::unique_ptr<Groundwork> groundwork = std::move(found->second);
    idle_.erase(found);
    return groundwork;
  }

  void Put(std::string key, std::unique_ptr<Groundwork> groundwork) {
    std::pair<std::string, std::unique_ptr<Groundwork>> oldest;
    const std::lock_guard lock(mutex_);
    idle_.emplace_front(std::move(key), std::move(groundwork));
    if (idle_.size() <= kMostIdle) return;
    oldest = std::move(idle_.back());
    idle_.pop_back();
  }

 private:
  std::mutex mutex_;
  std::list<std::pair<std::string, std::unique_ptr<Groundwork>>> idle_;
};

// Never destroyed: a compile may still run on another thread while the process exits.
IdleGroundworks& Idle() {
  static auto* const kIdle = new IdleGroundworks;
  return *kIdle;
}

}  // namespace

Groundwork::Groundwork(const std::vector<std::string>& arguments, const TargetSpec& target,
                       std::vector<Diagnostic>* diagnostics)
    : invocation_(std::make_shared<clang::CompilerInvocation>()) {
  std::vector<const char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(argument.c_str());
  const llvm::IntrusiveRefCntPtr<clang::DiagnosticsEngine> engine(
      new clang::DiagnosticsEngine(new clang::DiagnosticIDs, new clang::DiagnosticOptions,
                                   new DiagnosticCollector(diagnostics)));
  clang::CompilerInvocation::CreateFromArgs(*invocation_, pointers, *engine);
  if (HasError(*diagnostics)) return;
  invocation_->getFrontendOpts().DisableFree = false;
  invocation_->getTargetOpts().FeaturesAsWritten = SplitFeatures(target.features);

  clang::CompilerInstance clang;
  clang.setInvocation(invocation_);
  clang.setDiagnostics(engine.get());
  if (!clang.createTarget()) return;
  target_ = &clang.getTarget();
  aux_target_ = clang.getAuxTarget();
  // Functions get no list of features of their own: they are those of the machine that code is
  // generated for. To make the list for each would be a good part of a small compile.
  target_->getTargetOpts().Features.clear();
  // The target keeps the other lists of features. Of what a compile copies, they would be most.
  auto brief = std::make_shared<clang::TargetOptions>(invocation_->getTargetOpts());
  brief->Features.clear();
  brief->FeaturesAsWritten.clear();
  brief->FeatureMap.clear();
  invocation_->TargetOpts = std::move(brief);
}

void Groundwork::SetUp(clang::CompilerInstance* clang) const {
  clang->setInvocation(std::make_shared<clang::CompilerInvocation>(*invocation_));
  if (target_ != nullptr) clang->setTarget(target_.get());
  if (aux_target_ != nullptr) clang->setAuxTarget(aux_target_.get());
}

GroundworkLease::GroundworkLease(const std::vector<std::string>& arguments,
                                 const TargetSpec& target, std::vector<Diagnostic>* diagnostics)
    : key_(KeyOf(arguments, target)), groundwork_(Idle().Take(key_)) {
  if (groundwork_ != nullptr) return;
  const size_t messages = diagnostics->size();
  groundwork_ = std::make_unique<Groundwork>(arguments, target, diagnostics);
  // Messages about the arguments are for each compile.
  if (diagnostics->size() != messages) key_.clear();
}

GroundworkLease::~GroundworkLease() {
  if (!key_.empty()) Idle().Put(std::move(key_), std::move(groundwork_));
}

}  // namespace kiln::jit
