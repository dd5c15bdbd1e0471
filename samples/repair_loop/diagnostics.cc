#include "samples/repair_loop/diagnostics.h"

#include <utility>

#include <nlohmann/json.hpp>

namespace repair {
namespace {

using Json = nlohmann::json;

FixIt FixItOf(const Json& json) {
  return {.line = json.at("line"),
          .column = json.at("column"),
          .end_line = json.at("end_line"),
          .end_column = json.at("end_column"),
          .text = json.at("text")};
}

// Without notes, which have none of their own.
Diagnostic MessageOf(const Json& json) {
  Diagnostic diagnostic{.severity = json.at("severity"),
                        .file = json.at("file"),
                        .line = json.at("line"),
                        .column = json.at("column"),
                        .message = json.at("message"),
                        .source_line = json.at("source_line"),
                        .fixits = {},
                        .notes = {}};
  for (const Json& fixit : json.at("fixits")) diagnostic.fixits.push_back(FixItOf(fixit));
  return diagnostic;
}

}  // namespace

std::vector<Diagnostic> ReadDiagnostics(std::string_view json) {
  std::vector<Diagnostic> diagnostics;
  for (const Json& entry : Json::parse(json)) {
    Diagnostic diagnostic = MessageOf(entry);
    for (const Json& note : entry.at("notes")) diagnostic.notes.push_back(MessageOf(note));
    diagnostics.push_back(std::move(diagnostic));
  }
  return diagnostics;
}

}  // namespace repair
