#ifndef KILN_JIT_COMPILE_CLANG_GROUNDWORK_H_
#define KILN_JIT_COMPILE_CLANG_GROUNDWORK_H_

#include <memory>
#include <string>
#include <vector>

#include <clang/Basic/TargetInfo.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <llvm/ADT/IntrusiveRefCntPtr.h>

#include "jit/artifact/diagnostic.h"
#include "jit/compile/llvm/host_target.h"

namespace kiln::jit {

// What all compiles by the same arguments start from: Clang's options, and what it knows of the
// target.
class Groundwork {
 public:
  // `arguments` are those of `clang -cc1` but for the target's features. Clang's messages about
  // them go to `diagnostics`; after an error nothing can be compiled.
  Groundwork(const std::vector<std::string>& arguments, const TargetSpec& target,
             std::vector<Diagnostic>* diagnostics);

  // Gives `clang` options of its own, and the target, which it shares with no compile at the same
  // time.
  void SetUp(clang::CompilerInstance* clang) const;

 private:
  std::shared_ptr<clang::CompilerInvocation> invocation_;
  llvm::IntrusiveRefCntPtr<clang::TargetInfo> target_;
  llvm::IntrusiveRefCntPtr<clang::TargetInfo> aux_target_;  // CUDA's; else null
};

// A groundwork for one compile at a time: one that an earlier compile has given back, if there is
// one. It must outlive the compiler instance that it sets up. Threads may lease at once.
class GroundworkLease {
 public:
  GroundworkLease(const std::vector<std::string>& arguments, const TargetSpec& target,
                  std::vector<Diagnostic>* diagnostics);
  ~GroundworkLease();
  GroundworkLease(const GroundworkLease&) = delete;
  GroundworkLease& operator=(const GroundworkLease&) = delete;

  const Groundwork& operator*() const { return *groundwork_; }
  const Groundwork* operator->() const { return groundwork_.get(); }

 private:
  std::string key_;  // empty where the groundwork is for this compile alone
  std::unique_ptr<Groundwork> groundwork_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_GROUNDWORK_H_
