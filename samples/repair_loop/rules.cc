#include "samples/repair_loop/rules.h"

#include <ranges>
#include <string_view>
#include <utility>
#include <vector>

namespace repair {
namespace {

// Names that no compiler can guess a header for, and theirs.
constexpr std::pair<std::string_view, std::string_view> kHeaders[] = {
    {"int64_t", "stdint.h"}, {"int32_t", "stdint.h"}, {"uint32_t", "stdint.h"},
    {"size_t", "stddef.h"},  {"INFINITY", "math.h"},  {"NAN", "math.h"},
    {"bool", "stdbool.h"},   {"FLT_MAX", "float.h"},
};

// Where a line and a column, both from 1, stand in the source.
size_t PlaceOf(std::string_view source, int line, int column) {
  size_t begin = 0;
  for (; line > 1; --line) begin = source.find('\n', begin) + 1;
  return begin + static_cast<size_t>(column) - 1;
}

// What stands between the first pair of `quotes` in `message`: "unknown type name 'int64_t'".
std::string_view Quoted(std::string_view message, std::string_view quotes = "''") {
  const size_t begin = message.find(quotes[0]);
  if (begin == std::string_view::npos) return {};
  const size_t end = message.find(quotes[1], begin + 1);
  return end == std::string_view::npos ? "" : message.substr(begin + 1, end - begin - 1);
}

std::optional<Repair> Include(const std::string& source, std::string_view header) {
  const std::string line = "#include <" + std::string(header) + ">";
  if (header.empty() || source.find(line) != std::string::npos) return std::nullopt;
  return Repair{"added " + line, line + "\n" + source};
}

std::optional<Repair> HeaderOfName(const std::string& source, const Diagnostic& diagnostic) {
  for (const auto& [name, header] : kHeaders) {
    if (Quoted(diagnostic.message) == name) return Include(source, header);
  }
  return std::nullopt;
}

// "include the header <math.h> or explicitly provide a declaration for 'expf'"
std::optional<Repair> HeaderOfNote(const std::string& source, const Diagnostic& diagnostic) {
  for (const Diagnostic& note : diagnostic.notes) {
    if (note.message.starts_with("include the header <")) {
      return Include(source, Quoted(note.message, "<>"));
    }
  }
  return std::nullopt;
}

std::string Change(const std::string& from, const std::string& to) {
  if (from.empty()) return " inserted '" + to + "'";
  if (to.empty()) return " removed '" + from + "'";
  return " replaced '" + from + "' by '" + to + "'";
}

// The compiler's own proposal: all fix-its of a message are one change.
std::optional<Repair> Apply(const std::string& source, const std::vector<FixIt>& fixits) {
  if (fixits.empty()) return std::nullopt;
  Repair repair{"fix-it:", source};
  // From the last to the first, so that the places of those before stay true.
  for (const FixIt& fixit : std::views::reverse(fixits)) {
    const size_t begin = PlaceOf(source, fixit.line, fixit.column);
    const size_t end = PlaceOf(source, fixit.end_line, fixit.end_column);
    repair.what += Change(source.substr(begin, end - begin), fixit.text);
    repair.source.replace(begin, end - begin, fixit.text);
  }
  return repair;
}

std::optional<Repair> ApplyFixIts(const std::string& source, const Diagnostic& diagnostic) {
  if (auto repair = Apply(source, diagnostic.fixits)) return repair;
  for (const Diagnostic& note : diagnostic.notes) {
    if (auto repair = Apply(source, note.fixits)) return repair;
  }
  return std::nullopt;
}

// "for (i = 0;" without a declaration of i
std::optional<Repair> DeclareCounter(const std::string& source, const Diagnostic& diagnostic) {
  const std::string name(Quoted(diagnostic.message));
  if (!diagnostic.message.starts_with("use of undeclared identifier")) return std::nullopt;
  if (diagnostic.source_line.find("for (" + name + " = ") == std::string::npos) return std::nullopt;
  Repair repair{"declared '" + name + "' as int64_t", source};
  repair.source.insert(PlaceOf(source, diagnostic.line, diagnostic.column), "int64_t ");
  return repair;
}

}  // namespace

std::optional<Repair> RepairFor(const std::string& source, const Diagnostic& diagnostic) {
  for (const auto& rule : {HeaderOfName, HeaderOfNote, ApplyFixIts, DeclareCounter}) {
    if (auto repair = rule(source, diagnostic)) return repair;
  }
  return std::nullopt;
}

}  // namespace repair
