#include "jit/compile/cuda/nvrtc_log.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace kiln::jit {
namespace {

// The file in which NVRTC puts name expressions, and what stands before each of them.
constexpr std::string_view kNameMap = "__nv_name_map";
constexpr std::string_view kNamePragma = "#pragma nv_mangled_name ";
constexpr std::string_view kNameSummary = "Error in parsing name expression";

constexpr std::string_view kAssemblerLine = "ptxas application ptx input, line ";
constexpr std::string_view kAssembler = "ptxas ";

struct SeverityWord {
  std::string_view word;
  Severity severity;
};
constexpr SeverityWord kSeverities[] = {
    {"catastrophic error", Severity::kFatal},
    {"internal error", Severity::kFatal},
    {"fatal", Severity::kFatal},
    {"error", Severity::kError},
    {"warning", Severity::kWarning},
    {"remark", Severity::kRemark},
    {"info", Severity::kRemark},
    {"note", Severity::kNote},
};

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Takes the digits that `text` begins with.
std::optional<uint32_t> TakeNumber(std::string_view* text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc()) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return number;
}

bool TakePrefix(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// Reads "warning #177-D: message" or "error   : message" into `diagnostic`.
bool ReadMessage(std::string_view text, Diagnostic* diagnostic) {
  for (const auto& [word, severity] : kSeverities) {
    std::string_view rest = text;
    if (!TakePrefix(&rest, word)) continue;
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (TakePrefix(&rest, "#")) {
      const std::optional<uint32_t> number = TakeNumber(&rest);
      if (!number) return false;
      TakePrefix(&rest, "-D");
      if (severity == Severity::kWarning || severity == Severity::kRemark) {
        diagnostic->option = "-diag-suppress=" + std::to_string(*number);
      }
    }
    if (!TakePrefix(&rest, ":")) return false;
    diagnostic->severity = severity;
    diagnostic->message = Trimmed(rest);
    return true;
  }
  return false;
}

// Reads "k.cu(3): error: message". The file's name may have parentheses of its own.
bool ReadPlaced(std::string_view line, Diagnostic* diagnostic) {
  for (size_t end = line.find("): "); end != std::string_view::npos;
       end = line.find("): ", end + 1)) {
    const size_t open = line.rfind('(', end);
    if (open == std::string_view::npos || open == 0) continue;
    std::string_view digits = line.substr(open + 1, end - open - 1);
    const std::optional<uint32_t> number = TakeNumber(&digits);
    if (!number || !digits.empty() || !ReadMessage(line.substr(end + 3), diagnostic)) continue;
    diagnostic->file = line.substr(0, open);
    diagnostic->line = *number;
    return true;
  }
  return false;
}

bool ReadAssembler(std::string_view line, const std::string& source_name, Diagnostic* diagnostic) {
  if (TakePrefix(&line, kAssemblerLine)) {
    const std::optional<uint32_t> number = TakeNumber(&line);
    if (!number || !TakePrefix(&line, "; ") || !ReadMessage(line, diagnostic)) return false;
    diagnostic->file = kPtxFile;
    diagnostic->line = *number;
  } else {
    if (!TakePrefix(&line, kAssembler) || !ReadMessage(Trimmed(line), diagnostic)) return false;
    diagnostic->file = source_name;
  }
  diagnostic->option = "ptxas";
  return true;
}

bool ReadFirstLine(std::string_view line, const std::string& source_name, Diagnostic* diagnostic) {
  if (line.starts_with(' ') || line.starts_with('\t')) return false;
  if (ReadPlaced(line, diagnostic)) return true;
  if (ReadAssembler(line, source_name, diagnostic)) return true;
  diagnostic->file = source_name;
  for (const std::string_view prefix : {"At end of source: ", "Command-line ", "nvrtc: ", ""}) {
    std::string_view rest = line;
    if (TakePrefix(&rest, prefix) && ReadMessage(rest, diagnostic)) return true;
  }
  return false;
}

// What NVRTC adds that is no message.
bool IsSummary(std::string_view line) {
  return line.starts_with("Remark: The warnings can be suppressed") ||
         line.starts_with("Compilation terminated") || line.starts_with("Compilation aborted") ||
         line.find(" detected in the compilation of ") != std::string_view::npos ||
         line.find(" detected in this compilation") != std::string_view::npos;
}

// "instantiation of X at line 4 of "h.h"", a step on the way to a template.
Diagnostic InstantiationNote(std::string_view text, const std::string& file) {
  Diagnostic note;
  note.severity = Severity::kNote;
  note.message = text;
  const size_t at = text.rfind(" at line ");
  if (at == std::string_view::npos) return note;
  std::string_view place = text.substr(at + 9);
  const std::optional<uint32_t> number = TakeNumber(&place);
  if (!number) return note;
  note.file = file;
  if (TakePrefix(&place, " of \"") && place.ends_with('"'))
    note.file = place.substr(0, place.size() - 1);
  note.line = *number;
  note.message = "in " + std::string(text.substr(0, at)) + ", asked for here";
  return note;
}

// Reads the lines that follow the first of a message: more of it, the line of the source with a
// caret below, and the instantiations that led there.
void ReadDetails(const std::vector<std::string_view>& lines, Diagnostic* diagnostic) {
  const auto caret = std::find_if(lines.begin(), lines.end(),
                                  [](std::string_view line) { return Trimmed(line) == "^"; });
  size_t next = 0;
  if (caret != lines.end() && caret != lines.begin()) {
    const size_t index = static_cast<size_t>(caret - lines.begin());
    for (; next + 1 < index; ++next) {
      diagnostic->message += "\n  " + std::string(Trimmed(lines[next]));
    }
    std::string_view quoted = lines[index - 1];
    quoted.remove_prefix(std::min<size_t>(2, quoted.size()));
    // Both lines are indented by two blanks; the caret's has a tab where the source has one.
    const size_t column = caret->find('^');
    diagnostic->column = column < 2 ? 1 : static_cast<uint32_t>(column - 1);
    if (quoted.ends_with('\r')) quoted.remove_suffix(1);
    QuoteLine(diagnostic, quoted);
    next = index + 1;
  }
  for (; next < lines.size(); ++next) {
    std::string_view text = Trimmed(lines[next]);
    if (text == "detected during:") continue;
    TakePrefix(&text, "detected during ");
    if (text.find("instantiation") == std::string_view::npos) {
      diagnostic->message += "\n  " + std::string(text);
    } else {
      diagnostic->notes.push_back(InstantiationNote(text, diagnostic->file));
    }
  }
}

// A message about a name expression quotes a line that NVRTC made: shows the expression in words.
bool ReadNameExpression(const std::string& source_name, std::string_view quoted,
                        Diagnostic* diagnostic) {
  if (diagnostic->message.starts_with(kNameSummary)) return false;
  TakePrefix(&quoted, kNamePragma);
  Diagnostic plain;
  plain.severity = diagnostic->severity;
  plain.file = source_name;
  plain.message = "name expression '" + std::string(quoted) + "': " + diagnostic->message;
  *diagnostic = std::move(plain);
  return true;
}

std::string_view TakeLine(std::string_view* log) {
  const size_t end = std::min(log->find('\n'), log->size());
  const std::string_view line = log->substr(0, end);
  log->remove_prefix(std::min(end + 1, log->size()));
  return line;
}

}  // namespace

std::vector<Diagnostic> ParseNvrtcLog(std::string_view log, const std::string& source_name) {
  std::vector<Diagnostic> diagnostics;
  while (!log.empty()) {
    const std::string_view line = TakeLine(&log);
    Diagnostic diagnostic;
    if (!ReadFirstLine(line, source_name, &diagnostic)) {
      if (Trimmed(line).empty() || IsSummary(line)) continue;
      diagnostic = {};
      diagnostic.severity = Severity::kRemark;
      diagnostic.file = source_name;
      diagnostic.message = Trimmed(line);
      diagnostics.push_back(std::move(diagnostic));
      continue;
    }
    std::vector<std::string_view> details;
    while (log.starts_with(' ') || log.starts_with('\t')) details.push_back(TakeLine(&log));
    ReadDetails(details, &diagnostic);
    if (diagnostic.file == kNameMap) {
      const std::string_view quoted =
          details.empty() ? std::string_view() : Trimmed(details.front());
      if (!ReadNameExpression(source_name, quoted, &diagnostic)) continue;
    }
    AddDiagnostic(&diagnostics, std::move(diagnostic));
  }
  return diagnostics;
}

}  // namespace kiln::jit
