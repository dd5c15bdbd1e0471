#include "tests/fuzz/jit/input.h"

#include <string>
#include <utility>

namespace kiln::fuzz {
namespace {

using jit::Language;

constexpr std::string_view kMarks[] = {"//! ", ";! "};
constexpr std::string_view kLanguageOption = "language=";
constexpr std::string_view kArchiveStart = "!<";

struct NamedKind {
  std::string_view name;
  InputKind kind;
};
constexpr NamedKind kKinds[] = {{"c", InputKind::kC},
                                {"ir", InputKind::kIr},
                                {"bitcode", InputKind::kBitcode},
                                {"object", InputKind::kObject},
                                {"options", InputKind::kOptions}};

Language LanguageOf(InputKind kind, std::string_view bytes) {
  switch (kind) {
    case InputKind::kIr:
      return Language::kLlvmIr;
    case InputKind::kBitcode:
      return Language::kLlvmBitcode;
    case InputKind::kObject:
      return bytes.starts_with(kArchiveStart) ? Language::kArchive : Language::kObject;
    default:
      return Language::kC;
  }
}

const char* NameFor(Language language) {
  switch (language) {
    case Language::kCxx:
      return "input.cc";
    case Language::kLlvmIr:
      return "input.ll";
    case Language::kLlvmBitcode:
      return "input.bc";
    case Language::kObject:
      return "input.o";
    case Language::kArchive:
      return "input.a";
    default:
      return "input.c";
  }
}

// Takes the first line of `text`, if it sets an option: NAME=VALUE.
std::optional<std::string_view> TakeOption(std::string_view* text) {
  for (const std::string_view mark : kMarks) {
    if (!text->starts_with(mark)) continue;
    const std::string_view line = text->substr(0, text->find('\n'));
    text->remove_prefix(line.size());
    if (text->starts_with('\n')) text->remove_prefix(1);
    return line.substr(mark.size());
  }
  return std::nullopt;
}

// NVRTC is a compiler of its own, which nothing guards.
Language LanguageNamed(std::string_view name) {
  const std::optional<Language> language = jit::LanguageFromName(name);
  if (!language || *language == Language::kCuda) {
    throw Error("ValueError", "language must not be '" + std::string(name) + "'");
  }
  return *language;
}

}  // namespace

std::optional<InputKind> InputKindOf(std::string_view name) {
  for (const NamedKind& known : kKinds) {
    if (known.name == name) return known.kind;
  }
  return std::nullopt;
}

jit::Request RequestOf(InputKind kind, std::string_view bytes) {
  jit::Request request;
  jit::CompileOptions& options = request.options;
  Language language = LanguageOf(kind, bytes);
  const bool is_text = jit::IsText(language);
  // Options that other languages have at their defaults.
  if (kind != InputKind::kObject && kind != InputKind::kOptions) options.opt_level = 1;
  options.system_headers = kind == InputKind::kIr || !is_text;
  while (const std::optional<std::string_view> line = is_text ? TakeOption(&bytes) : std::nullopt) {
    if (line->starts_with(kLanguageOption)) {
      if (kind != InputKind::kOptions) continue;
      language = LanguageNamed(line->substr(kLanguageOption.size()));
      options.system_headers = language != Language::kC && language != Language::kCxx;
      continue;
    }
    const size_t equals = line->find('=');
    SetOptionFromText(&options, line->substr(0, equals),
                      equals == std::string_view::npos ? "" : line->substr(equals + 1));
  }
  request.sources.push_back({language, NameFor(language), std::string(bytes)});
  jit::CheckOptions(options, {&language, 1});
  options.libraries.clear();
  options.isolate = "none";
  options.timeout_ms = 0;
  options.max_memory_mb = 0;
  return request;
}

}  // namespace kiln::fuzz
