#ifndef KILN_JIT_ARTIFACT_SOURCE_H_
#define KILN_JIT_ARTIFACT_SOURCE_H_

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jit {

enum class Language { kC, kLlvmIr, kLlvmBitcode };

// "c", "llvm-ir" or "llvm-bitcode".
std::string_view LanguageName(Language language);

// The language that a name or one of its aliases stands for: "c"; "llvm-ir", "llvm", "ll";
// "llvm-bitcode", "bc". nullopt for any other name.
std::optional<Language> LanguageFromName(std::string_view name);

// Tells the language of a source from the first bytes of `text` (bitcode has a magic number), then
// from the suffix of `name` (.c, .ll, .bc). Throws ValueError where neither tells.
Language DetectLanguage(std::string_view name, std::string_view text);

// What a frontend hands over. `name` is what messages call the source ("add_one.c"); it need not be
// a file. `text` holds the characters of the source, or the bytes of the bitcode.
struct Source {
  Language language = Language::kC;
  std::string name;
  std::string text;
};

// Checks what every compiler relies upon. Throws ValueError where `source` has no name or no text,
// and CompileError, with line and column, where a text language has a NUL byte.
void CheckSource(const Source& source);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_SOURCE_H_
