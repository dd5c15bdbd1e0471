#include "jit/compile/clang/include_prefix.h"

#include <cctype>

namespace kiln::jit {
namespace {

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// The end of the line at `at`, or of the text. A line that a backslash continues goes on.
size_t EndOfLine(std::string_view text, size_t at) {
  for (; at < text.size(); ++at) {
    if (text[at] == '\n' && (at == 0 || text[at - 1] != '\\')) return at;
  }
  return text.size();
}

// The first place at or behind `at` that is neither blank nor in a comment.
size_t SkipBlanksAndComments(std::string_view text, size_t at) {
  while (at < text.size()) {
    if (IsSpace(text[at])) {
      ++at;
    } else if (text.substr(at).starts_with("//")) {
      at = EndOfLine(text, at);
    } else if (text.substr(at).starts_with("/*")) {
      const size_t end = text.find("*/", at + 2);
      if (end == std::string_view::npos) return text.size();
      at = end + 2;
    } else {
      break;
    }
  }
  return at;
}

// One directive: its name, and what follows on the line.
struct Directive {
  std::string_view name;
  std::string_view rest;
};

Directive Split(std::string_view line) {
  line.remove_prefix(1);  // the '#'
  while (!line.empty() && IsSpace(line.front())) line.remove_prefix(1);
  size_t end = 0;
  while (end < line.size() && std::isalpha(static_cast<unsigned char>(line[end])) != 0) ++end;
  Directive directive{line.substr(0, end), line.substr(end)};
  while (!directive.rest.empty() && IsSpace(directive.rest.front())) {
    directive.rest.remove_prefix(1);
  }
  return directive;
}

}  // namespace

IncludePrefix FindIncludePrefix(std::string_view text) {
  IncludePrefix prefix;
  bool has_macros = false;
  for (size_t at = 0;;) {
    at = SkipBlanksAndComments(text, at);
    if (at == text.size() || text[at] != '#') return prefix;
    const size_t end = EndOfLine(text, at);
    const std::string_view line = text.substr(at, end - at);
    // A comment that the line opens may end on another one.
    if (line.find("/*") != std::string_view::npos || line.find("??") != std::string_view::npos) {
      return prefix;
    }
    const Directive directive = Split(line);
    if (directive.name == "include") {
      const bool quoted = directive.rest.starts_with('"');
      if (!quoted && !directive.rest.starts_with('<')) return prefix;
      prefix.size = end;
      prefix.depends_on_name = prefix.depends_on_name || quoted || has_macros;
    } else if (directive.name == "define" || directive.name == "undef") {
      has_macros = true;
    } else {
      return prefix;
    }
    at = end;
  }
}

std::string Blanked(std::string_view text, size_t size) {
  std::string blanked(text);
  BlankOut(&blanked, 0, size);
  return blanked;
}

void BlankOut(std::string* text, size_t begin, size_t end) {
  for (size_t i = begin; i < end && i < text->size(); ++i) {
    char& c = (*text)[i];
    if (c != '\n' && c != '\r') c = ' ';
  }
}

void BlankIncludes(std::string* text,
                   const std::function<bool(std::string_view name, bool quoted)>& keep) {
  for (size_t at = 0; at < text->size();) {
    const size_t end = EndOfLine(*text, at);
    const size_t start = text->find_first_not_of(" \t", at);
    if (start < end && (*text)[start] == '#') {
      const Directive directive = Split(std::string_view(*text).substr(start, end - start));
      const char closing = directive.rest.starts_with('<') ? '>' : '"';
      const bool is_include =
          directive.name == "include" && (closing == '>' || directive.rest.starts_with('"'));
      const size_t length = is_include ? directive.rest.find(closing, 1) : std::string_view::npos;
      if (length != std::string_view::npos &&
          !keep(directive.rest.substr(1, length - 1), closing == '"')) {
        BlankOut(text, start, end);
      }
    }
    at = end + 1;
  }
}

}  // namespace kiln::jit
