#include "jit/compile/clang/diagnostic_collector.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <clang/Basic/DiagnosticIDs.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/DiagnosticRenderer.h>
#include <clang/Lex/Lexer.h>
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

// The flag that switches the message off, or makes it no error.
std::string OptionOf(clang::DiagnosticsEngine::Level level, unsigned id) {
  const llvm::StringRef name = clang::DiagnosticIDs::getWarningOptionForDiag(id);
  if (name.empty()) return {};
  return (level == clang::DiagnosticsEngine::Remark ? "-R" : "-W") + name.str();
}

// A stretch of one file, the end exclusive, in bytes from the start of the file.
struct Stretch {
  clang::FileID file;
  unsigned begin = 0;
  unsigned end = 0;
};

std::optional<Stretch> StretchOf(const clang::CharSourceRange& range,
                                 const clang::SourceManager& sources,
                                 const clang::LangOptions& language) {
  if (range.isInvalid() || !range.getBegin().isFileID() || !range.getEnd().isFileID()) {
    return std::nullopt;
  }
  const auto [file, begin] = sources.getDecomposedLoc(range.getBegin());
  auto [end_file, end] = sources.getDecomposedLoc(range.getEnd());
  if (range.isTokenRange()) {
    end += clang::Lexer::MeasureTokenLength(range.getEnd(), sources, language);
  }
  if (file != end_file || end < begin) return std::nullopt;
  return Stretch{file, begin, end};
}

clang::PresumedLoc PresumedAt(const clang::SourceManager& sources, clang::FileID file,
                              unsigned offset) {
  return sources.getPresumedLoc(sources.getComposedLoc(file, offset));
}

// Sets the end of `diagnostic` to that of the first range that holds `location`.
void Highlight(const clang::FullSourceLoc& location, llvm::ArrayRef<clang::CharSourceRange> ranges,
               const clang::LangOptions& language, Diagnostic* diagnostic) {
  const auto [file, offset] = location.getDecomposedLoc();
  for (const clang::CharSourceRange& range : ranges) {
    const std::optional<Stretch> stretch = StretchOf(range, location.getManager(), language);
    if (!stretch || stretch->file != file || offset < stretch->begin || offset >= stretch->end) {
      continue;
    }
    const clang::PresumedLoc end = PresumedAt(location.getManager(), file, stretch->end);
    if (end.isInvalid() || diagnostic->file != end.getFilename()) continue;
    diagnostic->end_line = end.getLine();
    diagnostic->end_column = end.getColumn();
    return;
  }
}

// True where no #line directive gives the offset another file or line.
bool IsWhereItSays(const clang::SourceManager& sources, clang::FileID file, unsigned offset) {
  const clang::PresumedLoc presumed = PresumedAt(sources, file, offset);
  const clang::PresumedLoc real =
      sources.getPresumedLoc(sources.getComposedLoc(file, offset), /*UseLineDirectives=*/false);
  return presumed.isValid() && real.isValid() && presumed.getLine() == real.getLine() &&
         std::string_view(presumed.getFilename()) == real.getFilename();
}

// Adds the fix-its, if each can be carried out in the file as `diagnostic` names it: in no other
// file, and with lines that no #line directive has moved.
void AddFixIts(const clang::FullSourceLoc& location, llvm::ArrayRef<clang::FixItHint> hints,
               const clang::LangOptions& language, Diagnostic* diagnostic) {
  const clang::SourceManager& sources = location.getManager();
  std::vector<FixIt> fixits;
  for (const clang::FixItHint& hint : hints) {
    const std::optional<Stretch> stretch = StretchOf(hint.RemoveRange, sources, language);
    if (!stretch || stretch->file != sources.getFileID(location) ||
        !IsWhereItSays(sources, stretch->file, stretch->begin) ||
        !IsWhereItSays(sources, stretch->file, stretch->end)) {
      return;
    }
    fixits.push_back({.line = sources.getLineNumber(stretch->file, stretch->begin),
                      .column = sources.getColumnNumber(stretch->file, stretch->begin),
                      .end_line = sources.getLineNumber(stretch->file, stretch->end),
                      .end_column = sources.getColumnNumber(stretch->file, stretch->end),
                      .text = hint.CodeToInsert});
  }
  diagnostic->fixits = std::move(fixits);
}

// Clang's own walk over a message's includes and macros. Each step becomes one Diagnostic: the
// message itself, and notes before and after it.
class Renderer final : public clang::DiagnosticNoteRenderer {
 public:
  Renderer(const clang::LangOptions& language, clang::DiagnosticOptions* options,
           std::vector<Diagnostic>* sink)
      : DiagnosticNoteRenderer(language, options), language_(language), sink_(sink) {}

  void Render(const clang::FullSourceLoc& location, clang::DiagnosticsEngine::Level level,
              llvm::StringRef message, const clang::Diagnostic& info) {
    emitDiagnostic(location, level, message, info.getRanges(), info.getFixItHints(), &info);
    if (level == clang::DiagnosticsEngine::Note) {
      for (Diagnostic& step : steps_) AddDiagnostic(sink_, std::move(step));
      return;
    }
    Diagnostic main = std::move(steps_[main_]);
    steps_.erase(steps_.begin() + static_cast<ptrdiff_t>(main_));
    main.option = OptionOf(level, info.getID());
    main.notes = std::move(steps_);
    main.notes_before = static_cast<uint32_t>(main_);
    AddDiagnostic(sink_, std::move(main));
  }

 private:
  // The walk comes here first for the message itself, then for each macro that it stands in.
  void emitDiagnosticMessage(clang::FullSourceLoc location, clang::PresumedLoc,
                             clang::DiagnosticsEngine::Level level, llvm::StringRef message,
                             llvm::ArrayRef<clang::CharSourceRange>,
                             clang::DiagOrStoredDiag) override {
    if (!has_main_) main_ = steps_.size();
    has_main_ = true;
    AddStep(location, level, message);
  }

  // The includes of the message's file.
  void emitNote(clang::FullSourceLoc location, llvm::StringRef message) override {
    AddStep(location, clang::DiagnosticsEngine::Note, message);
  }

  void emitDiagnosticLoc(clang::FullSourceLoc, clang::PresumedLoc, clang::DiagnosticsEngine::Level,
                         llvm::ArrayRef<clang::CharSourceRange>) override {}

  // Follows each message, with what is highlighted in its file.
  void emitCodeContext(clang::FullSourceLoc location, clang::DiagnosticsEngine::Level,
                       llvm::SmallVectorImpl<clang::CharSourceRange>& ranges,
                       llvm::ArrayRef<clang::FixItHint> hints) override {
    if (location.isInvalid()) return;
    Highlight(location.getFileLoc(), ranges, language_, &steps_.back());
    AddFixIts(location.getFileLoc(), hints, language_, &steps_.back());
  }

  void AddStep(const clang::FullSourceLoc& location, clang::DiagnosticsEngine::Level level,
               llvm::StringRef message) {
    Diagnostic step;
    step.severity = SeverityOf(level);
    step.message = message.str();
    Place(location, &step);
    steps_.push_back(std::move(step));
  }

  const clang::LangOptions& language_;
  std::vector<Diagnostic>* sink_;
  std::vector<Diagnostic> steps_;
  size_t main_ = 0;
  bool has_main_ = false;
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
  Renderer(language_, options_.get(), sink_).Render(location, level, message, info);
}

}  // namespace kiln::jit
