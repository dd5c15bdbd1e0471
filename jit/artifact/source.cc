#include "jit/artifact/source.h"

#include <algorithm>
#include <vector>

#include "jit/artifact/diagnostic.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

struct LanguageSpec {
  Language language;
  std::string_view name;
  std::vector<std::string_view> aliases;
  std::vector<std::string_view> suffixes;
  std::vector<std::string_view> magics;  // what the text starts with
};

const std::vector<LanguageSpec>& Languages() {
  static const auto* const kLanguages = new std::vector<LanguageSpec>{
      {Language::kC, "c", {}, {".c"}, {}},
      {Language::kCxx, "c++", {"cxx", "cpp", "cc"}, {".cc", ".cpp", ".cxx", ".C"}, {}},
      {Language::kCuda, "cuda", {"cu"}, {".cu"}, {}},
      {Language::kLlvmIr, "llvm-ir", {"llvm", "ll"}, {".ll"}, {}},
      {Language::kLlvmBitcode, "llvm-bitcode", {"bc"}, {".bc"}, {"BC\xC0\xDE", "\xDE\xC0\x17\x0B"}},
      {Language::kObject,
       "object",
       {"o"},
       {".o"},
       {"\x7F"
        "ELF"}},
      {Language::kArchive, "archive", {"a"}, {".a"}, {"!<arch>\n", "!<thin>\n"}},
  };
  return *kLanguages;
}

bool Has(const std::vector<std::string_view>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::string KnownSuffixes() {
  std::string text;
  for (const LanguageSpec& spec : Languages()) {
    for (const std::string_view suffix : spec.suffixes) {
      text += (text.empty() ? "" : ", ") + std::string(suffix);
    }
  }
  return text;
}

}  // namespace

std::string_view LanguageName(Language language) {
  for (const LanguageSpec& spec : Languages()) {
    if (spec.language == language) return spec.name;
  }
  return "unknown";
}

std::string KnownLanguages() {
  std::string text;
  for (const LanguageSpec& spec : Languages()) {
    text += (text.empty() ? "'" : ", '") + std::string(spec.name) + "'";
  }
  return text;
}

std::optional<Language> LanguageFromName(std::string_view name) {
  for (const LanguageSpec& spec : Languages()) {
    if (spec.name == name || Has(spec.aliases, name)) return spec.language;
  }
  return std::nullopt;
}

bool IsCxx(Language language) { return language == Language::kCxx || language == Language::kCuda; }

bool IsText(Language language) {
  return language == Language::kC || IsCxx(language) || language == Language::kLlvmIr;
}

Language DetectLanguage(std::string_view name, std::string_view text) {
  for (const LanguageSpec& spec : Languages()) {
    for (const std::string_view magic : spec.magics) {
      if (text.starts_with(magic)) return spec.language;
    }
  }
  for (const LanguageSpec& spec : Languages()) {
    for (const std::string_view suffix : spec.suffixes) {
      if (name.ends_with(suffix)) return spec.language;
    }
  }
  throw kiln::Error("ValueError", "the name of source '" + std::string(name) +
                                      "' ends in none of " + KnownSuffixes() +
                                      ": pass its language, one of " + KnownLanguages());
}

void CheckSource(const Source& source) {
  if (source.name.empty()) {
    throw kiln::Error("ValueError",
                      "the source has no name: pass the one that messages are to call it by, such "
                      "as 'kernel.c'");
  }
  if (source.text.empty()) {
    throw kiln::Error("ValueError", "source '" + source.name + "' is empty");
  }
  if (!IsText(source.language)) return;

  const size_t nul = source.text.find('\0');
  if (nul == std::string::npos) return;
  const std::string_view before = std::string_view(source.text).substr(0, nul);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0

  Diagnostic diagnostic;
  diagnostic.file = source.name;
  diagnostic.line = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  diagnostic.column = static_cast<uint32_t>(nul - line_start) + 1;
  diagnostic.message = "NUL byte in the source text";
  QuoteLine(&diagnostic, LineOf(source.text, diagnostic.line));
  throw CompileErrorOf(source.name, {diagnostic});
}

}  // namespace kiln::jit
