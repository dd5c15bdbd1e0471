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

// A change of the source that would answer a message: `text` in place of what stands from
// `line`:`column` up to, and without, `end_line`:`end_column`. An insertion ends where it begins.
struct FixIt {
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t end_line = 0;
  uint32_t end_column = 0;
  std::string text;

  bool operator==(const FixIt&) const = default;
};

// One message of a compiler, with the notes that belong to it.
// Lines and columns count from 1, columns in bytes; 0 means not known.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  // The end, exclusive, of the text around `column` that the message is about; 0 where the compiler
  // marks none.
  uint32_t end_line = 0;
  uint32_t end_column = 0;
  std::string message;
  // What asked for the message: the flag that controls a warning ("-Wunused-variable"), the pass
  // that makes a remark ("loop-vectorize"). Empty where there is none.
  std::string option;
  // The line that the message is about, or a part of it where the line is long, and the byte of
  // `source_line` that `column` stands at. Both are empty where no line is known.
  std::string source_line;
  uint32_t caret = 0;
  // Notes have no notes of their own. The first `notes_before` of them lead to the message (the
  // includes of its file), and are printed before it.
  std::vector<Diagnostic> notes;
  uint32_t notes_before = 0;
  // All of them together are one change of `file`. They do not overlap.
  std::vector<FixIt> fixits;

  bool operator==(const Diagnostic&) const = default;
};

// Appends `diagnostic`; a note goes to the message before it, and stands by itself where there is
// none.
void AddDiagnostic(std::vector<Diagnostic>* diagnostics, Diagnostic diagnostic);

// Sets `source_line` and `caret` from `whole_line`, for the column that `diagnostic` has. A line of
// more than 160 bytes is cut to a window around the column. Text that is not valid UTF-8, or not
// printable, is shown as '?', byte by byte.
void QuoteLine(Diagnostic* diagnostic, std::string_view whole_line);

// The line of `text` that `line` (from 1) counts, without its end; empty where there is none.
std::string_view LineOf(std::string_view text, uint32_t line);

// "k.c:3:14: error: message", and below it the source line and a caret, where they are known. The
// notes follow in the same form. No newline at the end.
std::string Format(const Diagnostic& diagnostic);

bool HasError(const std::vector<Diagnostic>& diagnostics);

// The diagnostics as JSON, for editors and agents: an array with an object for each message.
//
//   {"severity": "warning",         SeverityName
//    "file": "k.c", "line": 3, "column": 14,
//    "end_line": 3, "end_column": 17,
//    "message": "unused variable 'x'",
//    "option": "-Wunused-variable",
//    "source_line": "  int x;", "caret": 6,
//    "notes_before": 0,
//    "notes": [...],                the same, without "notes_before" and "notes"
//    "fixits": [{"line": 3, "column": 10, "end_line": 3, "end_column": 17, "text": ""}]}
//
// Every key is always there and means what the field of that name does. Bytes that are not UTF-8
// become U+FFFD.
std::string ToJson(const std::vector<Diagnostic>& diagnostics);

// Reads what ToJson wrote. Throws std::exception where the text is none of that form.
std::vector<Diagnostic> DiagnosticsFromJson(std::string_view json);

// The CompileError that stands for `diagnostics`. Its message opens with a line that counts them
// ("k.c: 2 errors, 1 warning"); every diagnostic follows, in order. `what` names the source. The
// error's extra context is a String, the JSON of the diagnostics; it has none where there are none.
kiln::Error CompileErrorOf(std::string_view what, const std::vector<Diagnostic>& diagnostics);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_DIAGNOSTIC_H_
