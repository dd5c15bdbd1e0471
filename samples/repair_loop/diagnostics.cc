#include "samples/repair_loop/diagnostics.h"

#include <utility>

#include "samples/repair_loop/json.h"

namespace repair {
namespace {

int IntegerOf(const Json& json) { return static_cast<int>(json.number); }

FixIt FixItOf(const Json& json) {
  return {.line = IntegerOf(json.at("line")),
          .column = IntegerOf(json.at("column")),
          .end_line = IntegerOf(json.at("end_line")),
          .end_column = IntegerOf(json.at("end_column")),
          .text = json.at("text").text};
}

// Without notes, which have none of their own.
Diagnostic MessageOf(const Json& json) {
  Diagnostic diagnostic{.severity = json.at("severity").text,
                        .file = json.at("file").text,
                        .line = IntegerOf(json.at("line")),
                        .column = IntegerOf(json.at("column")),
                        .message = json.at("message").text,
                        .source_line = json.at("source_line").text,
                        .fixits = {},
                        .notes = {}};
  for (const Json& fixit : json.at("fixits").items) diagnostic.fixits.push_back(FixItOf(fixit));
  return diagnostic;
}

}  // namespace

std::vector<Diagnostic> ReadDiagnostics(std::string_view json) {
  std::vector<Diagnostic> diagnostics;
  for (const Json& entry : ParseJson(json).items) {
    Diagnostic diagnostic = MessageOf(entry);
    for (const Json& note : entry.at("notes").items) diagnostic.notes.push_back(MessageOf(note));
    diagnostics.push_back(std::move(diagnostic));
  }
  return diagnostics;
}

}  // namespace repair
