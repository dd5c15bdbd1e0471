#ifndef KILN_JIT_COMPILE_CLANG_DIAGNOSTIC_COLLECTOR_H_
#define KILN_JIT_COMPILE_CLANG_DIAGNOSTIC_COLLECTOR_H_

#include <vector>

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticOptions.h>
#include <clang/Basic/LangOptions.h>
#include <clang/Basic/SourceLocation.h>

#include "jit/artifact/diagnostic.h"

namespace kiln::jit {

// Sets file, line, column and source line of `diagnostic` to those of `location`.
void Place(const clang::FullSourceLoc& location, Diagnostic* diagnostic);

// Turns Clang's messages into Diagnostic values: with the marked range, the flag in control, the
// fix-its, and a note for every include and macro that leads to the place. Keeps every error (Clang
// itself stops at its limit), and the first 100 warnings.
class DiagnosticCollector final : public clang::DiagnosticConsumer {
 public:
  // `sink` must outlive the collector.
  explicit DiagnosticCollector(std::vector<Diagnostic>* sink);

  void BeginSourceFile(const clang::LangOptions& language, const clang::Preprocessor*) override;
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                        const clang::Diagnostic& info) override;

 private:
  std::vector<Diagnostic>* sink_;
  clang::LangOptions language_;
  llvm::IntrusiveRefCntPtr<clang::DiagnosticOptions> options_;
  unsigned warnings_ = 0;
  bool dropped_last_ = false;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_COMPILE_CLANG_DIAGNOSTIC_COLLECTOR_H_
