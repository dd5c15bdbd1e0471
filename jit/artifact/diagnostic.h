#ifndef KILN_JIT_ARTIFACT_DIAGNOSTIC_H_
#define KILN_JIT_ARTIFACT_DIAGNOSTIC_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kiln/error.h"

namespace kiln::jit {

enum class Severity { kNote, kRemark, kWarning, kError, kFatal };

// "note", "remark", "warning", "error" or "fatal error".
std::string_view SeverityName(Severity severity);

// One message of a compiler. A note belongs to the message before it.
// `line` and `column` count from 1, columns in bytes; 0 means not known.
// `source_line` is the line that the message is about, or a part of it where the line is long, and
// `caret` the byte of `source_line` that `column` stands at. Both are empty where no line is known.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  std::string message;
  std::string source_line;
  uint32_t caret = 0;

  bool operator==(const Diagnostic&) const = default;
};

// Sets `source_line` and `caret` from `whole_line`, for the column that `diagnostic` has. A line of
// more than 160 bytes is cut to a window around the column. Text that is not valid UTF-8, or not
// printable, is shown as '?', byte by byte.
void QuoteLine(Diagnostic* diagnostic, std::string_view whole_line);

// The line of `text` that `line` (from 1) counts, without its end; empty where there is none.
std::string_view LineOf(std::string_view text, uint32_t line);

// "k.c:3:14: error: message", and below it the source line and a caret, where they are known.
// No newline at the end.
std::string Format(const Diagnostic& diagnostic);

bool HasError(const std::vector<Diagnostic>& diagnostics);

// The CompileError that stands for `diagnostics`. Its message opens with a line that counts them
// ("k.c: 2 errors, 1 warning"); every diagnostic follows, in order. `what` names the source.
kiln::Error CompileErrorOf(std::string_view what, const std::vector<Diagnostic>& diagnostics);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_DIAGNOSTIC_H_
