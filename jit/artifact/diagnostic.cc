#include "jit/artifact/diagnostic.h"

#include <algorithm>
#include <utility>

#include "jit/artifact/utf8.h"
#include "kiln/string.h"

namespace kiln::jit {
namespace {

constexpr size_t kWindow = 160;

// `text` as it can be shown: as many bytes, each that is not printable UTF-8 replaced by '?'.
std::string Printable(std::string_view text, bool keep_newlines) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const unsigned char first = static_cast<unsigned char>(text[0]);
    const bool control = (first < 0x20 && first != '\t' && !(keep_newlines && first == '\n')) ||
                         first == 0x7F || text.starts_with("\xC2\x80");
    const size_t taken = std::max<size_t>(length, 1);
    shown.append(length == 0 || control ? std::string(taken, '?') : text.substr(0, taken));
    text.remove_prefix(taken);
  }
  return shown;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Blanks that bring a caret below byte `caret` of `line`: tabs stay tabs, and a character of
// several bytes is one blank.
std::string Indent(std::string_view line, size_t caret) {
  std::string blanks;
  for (const char c : line.substr(0, caret)) {
    if (!IsContinuation(c)) blanks += c == '\t' ? '\t' : ' ';
  }
  return blanks;
}

std::string Count(size_t n, std::string_view noun) {
  return std::to_string(n) + " " + std::string(noun) + (n == 1 ? "" : "s");
}

// The message by itself.
std::string FormatAlone(const Diagnostic& diagnostic) {
  std::string text = Printable(diagnostic.file, /*keep_newlines=*/false);
  if (diagnostic.line != 0) text += ":" + std::to_string(diagnostic.line);
  if (diagnostic.column != 0) text += ":" + std::to_string(diagnostic.column);
  if (!text.empty()) text += ": ";
  text += SeverityName(diagnostic.severity);
  text += ": " + Printable(diagnostic.message, /*keep_newlines=*/true);
  if (diagnostic.source_line.empty()) return text;

  text += "\n  " + diagnostic.source_line;
  if (diagnostic.column != 0) {
    text += "\n  " + Indent(diagnostic.source_line, diagnostic.caret) + "^";
  }
  return text;
}

ObjectRef ContextOf(const std::vector<Diagnostic>& diagnostics) {
  if (diagnostics.empty()) return {};
  // Far longer than what a String holds in place, so that it is an object.
  return ObjectRef(ObjectPtr<Object>::AdoptHandle(String(ToJson(diagnostics)).release().v_obj));
}

}  // namespace

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kRemark:
      return "remark";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
    case Severity::kFatal:
      return "fatal error";
  }
  return "error";
}

std::string_view LineOf(std::string_view text, uint32_t line) {
  for (uint32_t i = 1; i < line; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

void QuoteLine(Diagnostic* diagnostic, std::string_view whole_line) {
  size_t caret = diagnostic->column == 0 ? 0 : diagnostic->column - 1;
  caret = std::min(caret, whole_line.size());
  size_t begin = 0;
  if (whole_line.size() > kWindow) {
    begin = caret > kWindow / 2 ? caret - kWindow / 2 : 0;
    begin = std::min(begin, whole_line.size() - kWindow);
    while (begin < caret && IsContinuation(whole_line[begin])) ++begin;
  }
  std::string_view window = whole_line.substr(begin, kWindow);
  if (begin + window.size() < whole_line.size()) {
    size_t end = window.size();
    while (end > 0 && IsContinuation(whole_line[begin + end]) && window.size() - end < 4) --end;
    if (end > 0 && begin + end > caret) window = window.substr(0, end);
  }
  diagnostic->source_line = Printable(window, /*keep_newlines=*/false);
  diagnostic->caret = static_cast<uint32_t>(caret - begin);
}

std::string Format(const Diagnostic& diagnostic) {
  std::string text;
  const size_t before = std::min<size_t>(diagnostic.notes_before, diagnostic.notes.size());
  for (size_t i = 0; i < before; ++i) text += FormatAlone(diagnostic.notes[i]) + "\n";
  text += FormatAlone(diagnostic);
  for (size_t i = before; i < diagnostic.notes.size(); ++i) {
    text += "\n" + FormatAlone(diagnostic.notes[i]);
  }
  return text;
}

void AddDiagnostic(std::vector<Diagnostic>* diagnostics, Diagnostic diagnostic) {
  std::vector<Diagnostic>* target = diagnostics;
  if (diagnostic.severity == Severity::kNote && !diagnostics->empty() &&
      diagnostics->back().severity != Severity::kNote) {
    target = &diagnostics->back().notes;
  }
  target->push_back(std::move(diagnostic));
}

bool HasError(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity >= Severity::kError; });
}

kiln::Error CompileErrorOf(std::string_view what, const std::vector<Diagnostic>& diagnostics) {
  size_t errors = 0;
  size_t warnings = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    errors += diagnostic.severity >= Severity::kError;
    warnings += diagnostic.severity == Severity::kWarning;
  }
  std::string message = Printable(what, /*keep_newlines=*/false) + ": " + Count(errors, "error");
  if (warnings != 0) message += ", " + Count(warnings, "warning");
  for (const Diagnostic& diagnostic : diagnostics) message += "\n" + Format(diagnostic);
  return kiln::Error("CompileError", message, /*backtrace=*/"", /*cause=*/nullptr,
                     ContextOf(diagnostics));
}

}  // namespace kiln::jit
