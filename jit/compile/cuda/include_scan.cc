#include "jit/compile/cuda/include_scan.h"

#include <algorithm>

namespace kiln::jit {
namespace {

std::string_view SkipBlanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
  return text;
}

// Takes one line, with those that it is continued on.
std::string_view TakeLogicalLine(std::string_view* text) {
  size_t end = 0;
  do {
    end = text->find('\n', end);
    if (end == std::string_view::npos) break;
    ++end;
  } while (end >= 2 && (*text)[end - 2] == '\\');
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(line.size());
  return line;
}

}  // namespace

IncludeScan ScanIncludes(std::string_view text) {
  IncludeScan scan;
  const std::string_view whole = text;
  bool is_leading = true;
  while (!text.empty()) {
    std::string_view line = TakeLogicalLine(&text);
    const char* const line_end = line.data() + line.size();
    line = SkipBlanks(line);
    if (line.starts_with("/*")) {
      // The comment may end on a later line; what follows it there counts as a line of its own.
      const size_t at = static_cast<size_t>(line.data() - whole.data());
      const size_t end = whole.find("*/", at + 2);
      text = end == std::string_view::npos ? std::string_view() : whole.substr(end + 2);
      continue;
    }
    if (!line.starts_with('#')) {
      if (!line.empty() && line != "\n" && !line.starts_with("//")) is_leading = false;
      continue;
    }
    line = SkipBlanks(line.substr(1));
    if (!line.starts_with("include")) continue;
    line = SkipBlanks(line.substr(7));
    const char close = line.starts_with('<') ? '>' : '"';
    const size_t end = line.find(close, 1);
    if (!(line.starts_with('<') || line.starts_with('"')) || end == std::string_view::npos) {
      scan.has_computed = true;
      continue;
    }
    scan.all.push_back(line.substr(1, end - 1));
    if (!is_leading) continue;
    scan.leading.push_back(scan.all.back());
    scan.prefix = whole.substr(0, static_cast<size_t>(line_end - whole.data()));
  }
  return scan;
}

}  // namespace kiln::jit
