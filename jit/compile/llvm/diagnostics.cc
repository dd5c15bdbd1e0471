#include "jit/compile/llvm/diagnostics.h"

#include <memory>
#include <utility>

#include <llvm/IR/DiagnosticHandler.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/DiagnosticPrinter.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/Support/Casting.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include "jit/compile/llvm/remarks.h"

namespace kiln::jit {
namespace {

Severity SeverityOf(llvm::DiagnosticSeverity severity) {
  switch (severity) {
    case llvm::DS_Error:
      return Severity::kError;
    case llvm::DS_Warning:
      return Severity::kWarning;
    case llvm::DS_Remark:
      return Severity::kRemark;
    case llvm::DS_Note:
      return Severity::kNote;
  }
  return Severity::kError;
}

class Collector final : public llvm::DiagnosticHandler {
 public:
  Collector(const Source& source, bool remarks, std::vector<Diagnostic>* sink, AsmLocator locate)
      : source_(source), remarks_(remarks), sink_(sink), locate_(std::move(locate)) {}

  bool isAnyRemarkEnabled() const override { return remarks_; }
  bool isPassedOptRemarkEnabled(llvm::StringRef pass) const override {
    return remarks_ && IsRemarkKept(RemarkKind::kPassed, pass);
  }
  bool isMissedOptRemarkEnabled(llvm::StringRef pass) const override {
    return remarks_ && IsRemarkKept(RemarkKind::kMissed, pass);
  }
  bool isAnalysisRemarkEnabled(llvm::StringRef pass) const override {
    return remarks_ && IsRemarkKept(RemarkKind::kAnalysis, pass);
  }

  bool handleDiagnostics(const llvm::DiagnosticInfo& info) override {
    if (const auto* remark = llvm::dyn_cast<llvm::DiagnosticInfoOptimizationBase>(&info)) {
      AddRemark(*remark, source_, sink_);
      return true;
    }
    if (info.getSeverity() == llvm::DS_Remark) return true;
    Diagnostic diagnostic;
    diagnostic.severity = SeverityOf(info.getSeverity());
    diagnostic.file = source_.name;
    if (const auto* assembly = llvm::dyn_cast<llvm::DiagnosticInfoSrcMgr>(&info)) {
      AddAssembly(*assembly, std::move(diagnostic));
      return true;
    }
    if (const auto* inline_asm = llvm::dyn_cast<llvm::DiagnosticInfoInlineAsm>(&info)) {
      diagnostic.message = inline_asm->getMsgStr().str();
      Locate(inline_asm->getLocCookie(), &diagnostic);
    } else {
      llvm::raw_string_ostream stream(diagnostic.message);
      llvm::DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
    }
    AddDiagnostic(sink_, std::move(diagnostic));
    return true;
  }

 private:
  void Locate(uint64_t srcloc, Diagnostic* diagnostic) const {
    if (srcloc != 0 && locate_) locate_(srcloc, diagnostic);
  }

  // The place in the source goes with the message; the line of assembly follows as a note.
  void AddAssembly(const llvm::DiagnosticInfoSrcMgr& info, Diagnostic diagnostic) {
    const llvm::SMDiagnostic& message = info.getSMDiag();
    diagnostic.message = message.getMessage().str();
    Locate(info.getLocCookie(), &diagnostic);
    AddDiagnostic(sink_, std::move(diagnostic));
    if (message.getLineNo() <= 0) return;
    Diagnostic note = FromSMDiagnostic(message, "<inline asm>");
    note.severity = Severity::kNote;
    note.message = "in this line of assembly";
    AddDiagnostic(sink_, std::move(note));
  }

  const Source& source_;
  bool remarks_;
  std::vector<Diagnostic>* sink_;
  AsmLocator locate_;
};

}  // namespace

void CollectDiagnostics(llvm::LLVMContext* context, const Source& source, bool remarks,
                        std::vector<Diagnostic>* sink, AsmLocator locate) {
  context->setDiagnosticHandler(
      std::make_unique<Collector>(source, remarks, sink, std::move(locate)),
      /*RespectFilters=*/true);
}

Diagnostic FromSMDiagnostic(const llvm::SMDiagnostic& message, std::string file) {
  Diagnostic diagnostic;
  diagnostic.file = std::move(file);
  diagnostic.message = message.getMessage().str();
  if (message.getLineNo() > 0) diagnostic.line = static_cast<uint32_t>(message.getLineNo());
  if (message.getColumnNo() >= 0)
    diagnostic.column = static_cast<uint32_t>(message.getColumnNo()) + 1;
  if (diagnostic.line == 0) return diagnostic;
  const llvm::StringRef line = message.getLineContents();
  QuoteLine(&diagnostic, {line.data(), line.size()});
  for (const auto& [begin, end] : message.getRanges()) {
    if (begin + 1 > diagnostic.column || end < diagnostic.column) continue;
    diagnostic.end_line = diagnostic.line;
    diagnostic.end_column = end + 1;
    break;
  }
  return diagnostic;
}

}  // namespace kiln::jit
