#ifndef KILN_JIT_ARTIFACT_SOURCE_H_
#define KILN_JIT_ARTIFACT_SOURCE_H_

#include <optional>
#include <string>
#include <string_view>

namespace kiln::jit {

// CUDA is host and device code in one text. The last two are compiled already: a relocatable ELF
// file, and an archive of such files.
enum class Language { kC, kCxx, kCuda, kLlvmIr, kLlvmBitcode, kObject, kArchive };

// "c", "c++", "cuda", "llvm-ir", "llvm-bitcode", "object" or "archive".
std::string_view LanguageName(Language language);

// The names of all languages, for messages: "'c', 'c++', ...".
std::string KnownLanguages();

// The language that a name or one of its aliases stands for: "c"; "c++", "cxx", "cpp", "cc";
// "cuda", "cu"; "llvm-ir", "llvm", "ll"; "llvm-bitcode", "bc"; "object", "o"; "archive", "a".
// nullopt for any other name.
std::optional<Language> LanguageFromName(std::string_view name);

// True for C++ and for CUDA, which is a kind of it.
bool IsCxx(Language language);

// True where the text of a source is characters, false where it is bytes.
bool IsText(Language language);

// Tells the language of a source from the first bytes of `text` (bitcode, ELF files and archives
// have magic numbers), then from the suffix of `name` (.c, .cc, .ll, ...). Throws ValueError where
// neither tells.
Language DetectLanguage(std::string_view name, std::string_view text);

// What a frontend hands over. `name` is what messages call the source ("add_one.c"); it need not be
// a file. `text` holds the characters of the source, or the bytes of bitcode, object or archive.
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
