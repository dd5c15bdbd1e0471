#include <algorithm>
#include <cstdint>
#include <iterator>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "jit/artifact/diagnostic.h"

namespace kiln::jit {
namespace {

using Json = nlohmann::ordered_json;

constexpr Severity kSeverities[] = {Severity::kNote, Severity::kRemark, Severity::kWarning,
                                    Severity::kError, Severity::kFatal};

Severity SeverityNamed(const std::string& name) {
  const auto* const found = std::find_if(std::begin(kSeverities), std::end(kSeverities),
                                         [&](Severity s) { return SeverityName(s) == name; });
  if (found == std::end(kSeverities)) throw std::out_of_range("severity '" + name + "'");
  return *found;
}

uint32_t NumberAt(const Json& json, const char* key) {
  const Json& number = json.at(key);
  if (!number.is_number_unsigned() || number.get<uint64_t>() > UINT32_MAX) {
    throw std::out_of_range(std::string(key) + " is no unsigned integer of 32 bits");
  }
  return number.get<uint32_t>();
}

Json FixItToJson(const FixIt& fixit) {
  return {{"line", fixit.line},
          {"column", fixit.column},
          {"end_line", fixit.end_line},
          {"end_column", fixit.end_column},
          {"text", fixit.text}};
}

FixIt FixItFromJson(const Json& json) {
  return {.line = NumberAt(json, "line"),
          .column = NumberAt(json, "column"),
          .end_line = NumberAt(json, "end_line"),
          .end_column = NumberAt(json, "end_column"),
          .text = json.at("text").get<std::string>()};
}

// All but the notes.
Json AloneToJson(const Diagnostic& diagnostic) {
  Json fixits = Json::array();
  for (const FixIt& fixit : diagnostic.fixits) fixits.push_back(FixItToJson(fixit));
  return {{"severity", SeverityName(diagnostic.severity)},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"end_line", diagnostic.end_line},
          {"end_column", diagnostic.end_column},
          {"message", diagnostic.message},
          {"option", diagnostic.option},
          {"source_line", diagnostic.source_line},
          {"caret", diagnostic.caret},
          {"fixits", std::move(fixits)}};
}

Diagnostic AloneFromJson(const Json& json) {
  Diagnostic diagnostic;
  diagnostic.severity = SeverityNamed(json.at("severity").get<std::string>());
  diagnostic.file = json.at("file").get<std::string>();
  diagnostic.line = NumberAt(json, "line");
  diagnostic.column = NumberAt(json, "column");
  diagnostic.end_line = NumberAt(json, "end_line");
  diagnostic.end_column = NumberAt(json, "end_column");
  diagnostic.message = json.at("message").get<std::string>();
  diagnostic.option = json.at("option").get<std::string>();
  diagnostic.source_line = json.at("source_line").get<std::string>();
  diagnostic.caret = NumberAt(json, "caret");
  for (const Json& fixit : json.at("fixits")) diagnostic.fixits.push_back(FixItFromJson(fixit));
  return diagnostic;
}

}  // namespace

std::string ToJson(const std::vector<Diagnostic>& diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& diagnostic : diagnostics) {
    Json notes = Json::array();
    for (const Diagnostic& note : diagnostic.notes) notes.push_back(AloneToJson(note));
    Json entry = AloneToJson(diagnostic);
    entry["notes_before"] = diagnostic.notes_before;
    entry["notes"] = std::move(notes);
    list.push_back(std::move(entry));
  }
  return list.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

std::vector<Diagnostic> DiagnosticsFromJson(std::string_view json) {
  const Json list = Json::parse(json);
  if (!list.is_array()) throw std::invalid_argument("the diagnostics are no array");
  std::vector<Diagnostic> diagnostics;
  for (const Json& entry : list) {
    Diagnostic diagnostic = AloneFromJson(entry);
    for (const Json& note : entry.at("notes")) diagnostic.notes.push_back(AloneFromJson(note));
    diagnostic.notes_before = NumberAt(entry, "notes_before");
    if (diagnostic.notes_before > diagnostic.notes.size()) throw std::out_of_range("notes_before");
    diagnostics.push_back(std::move(diagnostic));
  }
  return diagnostics;
}

}  // namespace kiln::jit
