#include "jit/compile/cuda/ptx_lines.h"

#include <cxxabi.h>

#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

#include "jit/compile/cuda/nvrtc_log.h"

namespace kiln::jit {
namespace {

// A place as a .loc directive gives it.
struct Place {
  uint32_t file = 0;
  uint32_t line = 0;
  uint32_t column = 0;
};

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

// Takes the next number after blanks.
uint32_t TakeNumber(std::string_view* text) {
  *text = Trimmed(*text);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return number;
}

// PTX with line information, read once.
class PtxListing {
 public:
  explicit PtxListing(std::string_view ptx) {
    while (!ptx.empty()) {
      const size_t end = std::min(ptx.find('\n'), ptx.size());
      lines_.push_back(Trimmed(ptx.substr(0, end)));
      ptx.remove_prefix(std::min(end + 1, ptx.size()));
    }
    for (std::string_view line : lines_) {
      if (!line.starts_with(".file")) continue;
      line.remove_prefix(5);
      const uint32_t number = TakeNumber(&line);
      const size_t open = line.find('"');
      const size_t close = line.find('"', open + 1);
      if (close == std::string_view::npos) continue;
      files_[number] = line.substr(open + 1, close - open - 1);
    }
  }

  std::string_view Line(uint32_t number) const {
    return number == 0 || number > lines_.size() ? std::string_view() : lines_[number - 1];
  }

  // What the instruction in line `number` was made from.
  std::optional<Place> PlaceOf(uint32_t number) const {
    for (size_t i = std::min<size_t>(number, lines_.size()); i > 0; --i) {
      if (lines_[i - 1].starts_with(".loc")) return ReadLocation(lines_[i - 1]);
      if (lines_[i - 1] == "{") break;
    }
    return std::nullopt;
  }

  // Where the function `symbol` begins.
  std::optional<Place> PlaceOfFunction(std::string_view symbol) const {
    for (size_t i = 0; i < lines_.size(); ++i) {
      if (!IsDefinitionOf(lines_[i], symbol)) continue;
      for (size_t j = i; j < lines_.size() && lines_[j] != "}"; ++j) {
        if (lines_[j].starts_with(".loc")) return ReadLocation(lines_[j]);
      }
    }
    return std::nullopt;
  }

  const std::string& File(uint32_t number) const {
    static const std::string kNone;
    const auto found = files_.find(number);
    return found == files_.end() ? kNone : found->second;
  }

 private:
  static Place ReadLocation(std::string_view line) {
    line.remove_prefix(4);
    Place place;
    place.file = TakeNumber(&line);
    place.line = TakeNumber(&line);
    place.column = TakeNumber(&line);
    return place;
  }

  static bool IsDefinitionOf(std::string_view line, std::string_view symbol) {
    if (line.find(".entry ") == std::string_view::npos &&
        line.find(".func ") == std::string_view::npos) {
      return false;
    }
    const size_t at = line.find(symbol);
    if (at == std::string_view::npos || at == 0 || line[at - 1] != ' ') return false;
    const size_t end = at + symbol.size();
    return end == line.size() || line[end] == '(' || line[end] == ' ';
  }

  std::vector<std::string_view> lines_;
  std::map<uint32_t, std::string> files_;
};

// NVRTC puts the working directory before relative names: the name by which the source knows a
// file.
std::string NameOf(const std::string& path, const DeviceSource& source) {
  const auto is = [&](const std::string& name) {
    return path == name || path.ends_with("/" + name);
  };
  if (is(source.name)) return source.name;
  for (const auto& [name, text] : source.headers) {
    if (is(name)) return name;
  }
  return path;
}

void SetPlace(const PtxListing& listing, const Place& place, const DeviceSource& source,
              Diagnostic* diagnostic) {
  diagnostic->file = NameOf(listing.File(place.file), source);
  diagnostic->line = place.line;
  diagnostic->column = place.column;
  std::string_view text;
  if (diagnostic->file == source.name) text = source.text;
  const auto header = source.headers.find(diagnostic->file);
  if (header != source.headers.end()) text = header->second;
  const std::string_view line = LineOf(text, place.line);
  // A #line directive renumbers: then another line, or none, has that number.
  if (!line.empty() && source.text.find("#line") == std::string::npos) QuoteLine(diagnostic, line);
}

std::string Demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
  return name == nullptr ? symbol : name.get();
}

bool IsSymbolCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

// The words of `message` that are mangled names.
std::vector<std::string> SymbolsIn(std::string_view message) {
  std::vector<std::string> symbols;
  for (size_t at = message.find("_Z"); at != std::string_view::npos;
       at = message.find("_Z", at + 2)) {
    if (at != 0 && IsSymbolCharacter(message[at - 1])) continue;
    size_t end = at;
    while (end < message.size() && IsSymbolCharacter(message[end])) ++end;
    symbols.emplace_back(message.substr(at, end - at));
  }
  return symbols;
}

// The function that a message quotes first, mangled or extern "C".
std::string QuotedFunction(std::string_view message) {
  const size_t open = message.find('\'');
  const size_t close = message.find('\'', open + 1);
  if (close != std::string_view::npos) {
    return std::string(message.substr(open + 1, close - open - 1));
  }
  const std::vector<std::string> symbols = SymbolsIn(message);
  return symbols.empty() ? std::string() : symbols.front();
}

void Replace(std::string* text, std::string_view from, const std::string& to) {
  for (size_t at = text->find(from); at != std::string::npos;
       at = text->find(from, at + to.size())) {
    text->replace(at, from.size(), to);
  }
}

// "0x61a80 bytes" becomes "400000 bytes".
void WriteDecimals(std::string* text) {
  for (size_t at = text->find("0x"); at != std::string::npos; at = text->find("0x", at + 1)) {
    uint64_t value = 0;
    const char* const begin = text->data() + at + 2;
    const auto [end, error] = std::from_chars(begin, text->data() + text->size(), value, 16);
    if (error == std::errc()) {
      text->replace(at, static_cast<size_t>(end - begin) + 2, std::to_string(value));
    }
  }
}

}  // namespace

void LocatePtx(std::string_view ptx, const DeviceSource& source,
               std::vector<Diagnostic>* diagnostics) {
  const PtxListing listing(ptx);
  for (Diagnostic& diagnostic : *diagnostics) {
    if (diagnostic.option != "ptxas") continue;
    std::optional<Place> place;
    if (diagnostic.file == kPtxFile) {
      const std::string_view instruction = listing.Line(diagnostic.line);
      place = listing.PlaceOf(diagnostic.line);
      if (!instruction.empty()) {
        Diagnostic note;
        note.severity = Severity::kNote;
        note.message = "the instruction is '" + std::string(instruction) + "'";
        diagnostic.notes.push_back(std::move(note));
      }
      diagnostic.file = source.name;
      diagnostic.line = 0;
    } else {
      place = listing.PlaceOfFunction(QuotedFunction(diagnostic.message));
    }
    if (place && place->line != 0) SetPlace(listing, *place, source, &diagnostic);
    for (const std::string& symbol : SymbolsIn(diagnostic.message)) {
      Replace(&diagnostic.message, symbol, Demangled(symbol));
    }
    WriteDecimals(&diagnostic.message);
  }
}

}  // namespace kiln::jit
