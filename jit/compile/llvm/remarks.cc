#include "jit/compile/llvm/remarks.h"

#include <algorithm>
#include <string>
#include <utility>

#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/Function.h>

namespace kiln::jit {
namespace {

constexpr std::ptrdiff_t kMostRemarks = 1000;

struct KeptPass {
  std::string_view name;
  bool passed;
  bool missed;
  bool analysis;
};
constexpr KeptPass kKeptPasses[] = {
    {"loop-vectorize", true, true, true}, {"slp-vectorizer", true, true, false},
    {"inline", true, true, false},        {"loop-unroll", true, false, false},
    {"loop-idiom", true, false, false},   {"licm", false, true, false},
};

bool IsFromClang(const Source& source) {
  return source.language == Language::kC || IsCxx(source.language);
}

// The file as the source names it: debug information splits an absolute path in two.
std::string FileOf(const llvm::DiagnosticLocation& location, const Source& source) {
  const std::string whole = location.getAbsolutePath();
  return whole == source.name ? whole : location.getRelativePath().str();
}

bool IsSamePlace(const Diagnostic& a, const Diagnostic& b) {
  return a.line == b.line && a.column == b.column && a.option == b.option && a.file == b.file;
}

}  // namespace

bool IsRemarkKept(RemarkKind kind, std::string_view pass) {
  const auto* const kept = std::find_if(std::begin(kKeptPasses), std::end(kKeptPasses),
                                        [&](const KeptPass& entry) { return entry.name == pass; });
  if (kept == std::end(kKeptPasses)) return false;
  switch (kind) {
    case RemarkKind::kPassed:
      return kept->passed;
    case RemarkKind::kMissed:
      return kept->missed;
    case RemarkKind::kAnalysis:
      return kept->analysis;
  }
  return false;
}

void AddRemark(const llvm::DiagnosticInfoOptimizationBase& remark, const Source& source,
               std::vector<Diagnostic>* sink) {
  Diagnostic diagnostic;
  diagnostic.severity =
      remark.getSeverity() == llvm::DS_Remark ? Severity::kRemark : Severity::kWarning;
  diagnostic.file = source.name;
  diagnostic.option = remark.getPassName().str();
  diagnostic.message = remark.getMsg();
  while (diagnostic.message.ends_with(';')) diagnostic.message.pop_back();
  if (remark.isLocationAvailable()) {
    const llvm::DiagnosticLocation location = remark.getLocation();
    diagnostic.file = FileOf(location, source);
    diagnostic.line = location.getLine();
    diagnostic.column = location.getColumn();
  } else if (IsFromClang(source) && diagnostic.severity == Severity::kRemark) {
    return;  // Not the author's code.
  } else {
    diagnostic.message += " (in function '" + remark.getFunction().getName().str() + "')";
  }

  std::ptrdiff_t remarks = 0;
  for (const Diagnostic& other : *sink) {
    if (other.severity != diagnostic.severity) continue;
    if (IsSamePlace(other, diagnostic) && other.message.starts_with(diagnostic.message)) return;
    ++remarks;
  }
  if (remarks >= kMostRemarks) return;
  if (IsFromClang(source) && diagnostic.file == source.name) {
    QuoteLine(&diagnostic, LineOf(source.text, diagnostic.line));
  }
  AddDiagnostic(sink, std::move(diagnostic));
}

}  // namespace kiln::jit
