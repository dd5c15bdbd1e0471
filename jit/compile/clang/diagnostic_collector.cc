#include "jit/compile/clang/diagnostic_collector.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/DiagnosticRenderer.h>
#include <llvm/ADT/SmallString.h>

namespace kiln::jit {
namespace {

constexpr unsigned kMostWarnings = 100;

Severity SeverityOf(clang::DiagnosticsEngine::Level level) {
  switch (level) {
    case clang::DiagnosticsEngine::Ignored:
    case clang::DiagnosticsEngine::Note:
      return Severity::kNote;
    case clang::DiagnosticsEngine::Remark:
      return Severity::kRemark;
    case clang::DiagnosticsEngine::Warning:
      return Severity::kWarning;
    case clang::DiagnosticsEngine::Error:
      return Severity::kError;
    case clang::DiagnosticsEngine::Fatal:
      return Severity::kFatal;
  }
  return Severity::kError;
}

// Clang's own walk over a message's includes and macros; each step becomes one Diagnostic.
class Renderer final : public clang::DiagnosticNoteRenderer {
 public:
  Renderer(const clang::LangOptions& language, clang::DiagnosticOptions* options,
           std::vector<Diagnostic>* sink)
      : DiagnosticNoteRenderer(language, options), sink_(sink) {}

 private:
  void emitDiagnosticMessage(clang::FullSourceLoc location, clang::PresumedLoc,
                             clang::DiagnosticsEngine::Level level, llvm::StringRef message,
                             llvm::ArrayRef<clang::CharSourceRange>,
                             clang::DiagOrStoredDiag) override {
    Diagnostic diagnostic;
    diagnostic.severity = SeverityOf(level);
    diagnostic.message = message.str();
    Place(location, &diagnostic);
    sink_->push_back(std::move(diagnostic));
  }

  void emitNote(clang::FullSourceLoc location, llvm::StringRef message) override {
    emitDiagnosticMessage(location, {}, clang::DiagnosticsEngine::Note, message, {},
                          static_cast<const clang::Diagnostic*>(nullptr));
  }

  void emitDiagnosticLoc(clang::FullSourceLoc, clang::PresumedLoc, clang::DiagnosticsEngine::Level,
                         llvm::ArrayRef<clang::CharSourceRange>) override {}
  void emitCodeContext(clang::FullSourceLoc, clang::DiagnosticsEngine::Level,
                       llvm::SmallVectorImpl<clang::CharSourceRange>&,
                       llvm::ArrayRef<clang::FixItHint>) override {}

  std::vector<Diagnostic>* sink_;
};

// The whole line of the file that `location` is in.
std::string_view LineAt(const clang::FullSourceLoc& location) {
  const std::pair<clang::FileID, unsigned> place = location.getDecomposedLoc();
  bool invalid = false;
  const llvm::StringRef buffer = location.getManager().getBufferData(place.first, &invalid);
  if (invalid || place.second > buffer.size()) return {};
  const std::string_view text(buffer.data(), buffer.size());
  const size_t before =
      place.second == 0 ? std::string_view::npos : text.find_last_of("\r\n", place.second - 1);
  const size_t begin = before + 1;  // npos + 1 is 0
  const size_t end = std::min(text.find_first_of("\r\n", place.second), text.size());
  return text.substr(begin, end - begin);
}

}  // namespace

void Place(const clang::FullSourceLoc& location, Diagnostic* diagnostic) {
  if (location.isInvalid()) return;
  const clang::FullSourceLoc in_file = location.getFileLoc();
  const clang::PresumedLoc presumed = in_file.getPresumedLoc();
  if (presumed.isInvalid()) return;
  diagnostic->file = presumed.getFilename();
  diagnostic->line = presumed.getLine();
  diagnostic->column = presumed.getColumn();
  QuoteLine(diagnostic, LineAt(in_file));
}

DiagnosticCollector::DiagnosticCollector(std::vector<Diagnostic>* sink)
    : sink_(sink), options_(new clang::DiagnosticOptions) {}

void DiagnosticCollector::BeginSourceFile(const clang::LangOptions& language,
                                          const clang::Preprocessor*) {
  language_ = language;
}

void DiagnosticCollector::HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                                           const clang::Diagnostic& info) {
  DiagnosticConsumer::HandleDiagnostic(level, info);
  if (level == clang::DiagnosticsEngine::Note && dropped_last_) return;
  if (level == clang::DiagnosticsEngine::Warning) ++warnings_;
  dropped_last_ = level == clang::DiagnosticsEngine::Warning && warnings_ > kMostWarnings;
  if (dropped_last_) return;

  llvm::SmallString<128> message;
  info.FormatDiagnostic(message);
  clang::FullSourceLoc location;
  if (info.hasSourceManager()) {
    location = clang::FullSourceLoc(info.getLocation(), info.getSourceManager());
  }
  Renderer(language_, options_.get(), sink_)
      .emitDiagnostic(location, level, message, info.getRanges(), info.getFixItHints(), &info);
}

}  // namespace kiln::jit
