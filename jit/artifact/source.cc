#include "jit/artifact/source.h"

#include <algorithm>

#include "jit/artifact/diagnostic.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr std::string_view kBitcodeMagic = "BC\xC0\xDE";
constexpr std::string_view kBitcodeWrapperMagic = "\xDE\xC0\x17\x0B";

}  // namespace

std::string_view LanguageName(Language language) {
  switch (language) {
    case Language::kC:
      return "c";
    case Language::kLlvmIr:
      return "llvm-ir";
    case Language::kLlvmBitcode:
      return "llvm-bitcode";
  }
  return "unknown";
}

std::optional<Language> LanguageFromName(std::string_view name) {
  if (name == "c") return Language::kC;
  if (name == "llvm-ir" || name == "llvm" || name == "ll") return Language::kLlvmIr;
  if (name == "llvm-bitcode" || name == "bc") return Language::kLlvmBitcode;
  return std::nullopt;
}

Language DetectLanguage(std::string_view name, std::string_view text) {
  if (text.starts_with(kBitcodeMagic) || text.starts_with(kBitcodeWrapperMagic)) {
    return Language::kLlvmBitcode;
  }
  if (name.ends_with(".c")) return Language::kC;
  if (name.ends_with(".ll")) return Language::kLlvmIr;
  if (name.ends_with(".bc")) return Language::kLlvmBitcode;
  throw kiln::Error("ValueError",
                    "the name of source '" + std::string(name) +
                        "' ends in none of .c, .ll, .bc: pass its language, one of 'c', 'llvm-ir', "
                        "'llvm-bitcode'");
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
  if (source.language == Language::kLlvmBitcode) return;

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
