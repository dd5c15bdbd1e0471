#include "jit/artifact/compile_options.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "jit/artifact/nearest_name.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr std::string_view kStandards[] = {"",      "c99",   "c11",   "c17",   "c18",
                                           "c23",   "c2y",   "gnu99", "gnu11", "gnu17",
                                           "gnu18", "gnu23", "gnu2y"};
constexpr std::string_view kContractions[] = {"on", "off", "fast"};

constexpr OptionSpec kOptions[] = {
    {.name = "opt_level",
     .field = &CompileOptions::opt_level,
     .meaning = "how hard to optimise: 0 compiles fastest, 3 runs fastest",
     .min = 0,
     .max = 3},
    {.name = "cpu",
     .field = &CompileOptions::cpu,
     .meaning = "the CPU to compile for: 'native' is this one, 'generic' any x86-64"},
    {.name = "features",
     .field = &CompileOptions::features,
     .meaning = "CPU features to add or to leave out beside those of cpu, like '+avx2,-fma'"},
    {.name = "std",
     .field = &CompileOptions::standard,
     .meaning = "the C standard; gnu17 where it is empty",
     .values = kStandards,
     .c_only = true},
    {.name = "fp_contract",
     .field = &CompileOptions::fp_contract,
     .meaning = "when a*b+c may become one rounded step: 'on' inside an expression, 'fast' "
                "everywhere, 'off' never",
     .values = kContractions,
     .c_only = true},
    {.name = "fast_math",
     .field = &CompileOptions::fast_math,
     .meaning = "let floating point be reordered, and take it that no NaN or infinity occurs",
     .c_only = true},
    {.name = "debug_info",
     .field = &CompileOptions::debug_info,
     .meaning = "put DWARF debug information in the object",
     .c_only = true},
    {.name = "system_headers",
     .field = &CompileOptions::system_headers,
     .meaning = "find headers of the C library on this machine; false compiles from memory alone",
     .c_only = true},
    {.name = "include_dirs",
     .field = &CompileOptions::include_dirs,
     .meaning = "directories to look for headers in",
     .c_only = true},
    {.name = "defines",
     .field = &CompileOptions::defines,
     .meaning = "macros, each NAME or NAME=VALUE",
     .c_only = true},
};

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

std::vector<std::string_view> OptionNames() {
  std::vector<std::string_view> names;
  for (const OptionSpec& spec : kOptions) names.push_back(spec.name);
  return names;
}

const OptionSpec& FindOption(std::string_view name) {
  for (const OptionSpec& spec : kOptions) {
    if (spec.name == name) return spec;
  }
  const std::vector<std::string_view> names = OptionNames();
  std::string message = "unknown compile option '" + std::string(name) + "'";
  message += DidYouMean(name, names);
  if (!message.ends_with('?')) message += ";";
  message += " options are:";
  for (const std::string_view known : names) {
    message += (known == names.front() ? " " : ", ") + std::string(known);
  }
  throw kiln::Error("KeyError", message);
}

std::string Shown(const OptionValue& value) {
  return std::visit(Overloaded{
                        [](bool b) -> std::string { return b ? "true" : "false"; },
                        [](int64_t i) { return std::to_string(i); },
                        [](const std::string& s) { return "'" + s + "'"; },
                    },
                    value);
}

[[noreturn]] void Refuse(std::string_view kind, const OptionSpec& spec, const OptionValue& value) {
  throw kiln::Error(
      kind, std::string(spec.name) + " must be " + ExpectedValue(spec) + ", got " + Shown(value));
}

void CheckInteger(const OptionSpec& spec, int64_t value) {
  if (value < spec.min || value > spec.max) Refuse("ValueError", spec, value);
}

void CheckString(const OptionSpec& spec, const std::string& value) {
  const bool listed = std::find(spec.values.begin(), spec.values.end(), value) != spec.values.end();
  if (!spec.values.empty() && !listed) Refuse("ValueError", spec, value);
  if (value.find('\0') != std::string::npos) {
    throw kiln::Error("ValueError", std::string(spec.name) + " must not contain a NUL byte");
  }
}

void CheckListItem(const OptionSpec& spec, const std::string& value) {
  CheckString(spec, value);
  if (value.empty() || value.starts_with('=')) {
    throw kiln::Error("ValueError",
                      std::string(spec.name) + " must not be empty, got '" + value + "'");
  }
}

// The value of type T that `value` holds, or a TypeError.
template <class T>
const T& Take(const OptionSpec& spec, const OptionValue& value) {
  if (const T* held = std::get_if<T>(&value)) return *held;
  Refuse("TypeError", spec, value);
}

void Set(CompileOptions* options, const OptionSpec& spec, const OptionValue& value) {
  std::visit(Overloaded{
                 [&](bool CompileOptions::* field) { options->*field = Take<bool>(spec, value); },
                 [&](int CompileOptions::* field) {
                   const int64_t integer = Take<int64_t>(spec, value);
                   CheckInteger(spec, integer);
                   options->*field = static_cast<int>(integer);
                 },
                 [&](std::string CompileOptions::* field) {
                   const std::string& text = Take<std::string>(spec, value);
                   CheckString(spec, text);
                   options->*field = text;
                 },
                 [&](std::vector<std::string> CompileOptions::* field) {
                   const std::string& text = Take<std::string>(spec, value);
                   CheckListItem(spec, text);
                   (options->*field).push_back(text);
                 },
             },
             spec.field);
}

std::optional<bool> BooleanOf(std::string_view text) {
  if (text == "true" || text == "on" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "off" || text == "no" || text == "0") return false;
  return std::nullopt;
}

std::optional<int64_t> IntegerOf(std::string_view text) {
  int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return integer;
}

}  // namespace

std::span<const OptionSpec> OptionTable() { return kOptions; }

std::string ExpectedValue(const OptionSpec& spec) {
  if (std::holds_alternative<bool CompileOptions::*>(spec.field)) return "a boolean";
  if (std::holds_alternative<int CompileOptions::*>(spec.field)) {
    return "an integer " + std::to_string(spec.min) + ".." + std::to_string(spec.max);
  }
  if (spec.values.empty()) return "a string";
  std::string text = "one of";
  for (const std::string_view value : spec.values) {
    if (value.empty()) continue;
    text += (text.ends_with('f') ? " '" : ", '") + std::string(value) + "'";
  }
  return text;
}

std::string DefaultValue(const OptionSpec& spec) {
  static const CompileOptions kDefaults;
  return std::visit(
      Overloaded{
          [](bool CompileOptions::* field) -> std::string {
            return kDefaults.*field ? "true" : "false";
          },
          [](int CompileOptions::* field) { return std::to_string(kDefaults.*field); },
          [](std::string CompileOptions::* field) { return kDefaults.*field; },
          [](std::vector<std::string> CompileOptions::*) { return std::string(); },
      },
      spec.field);
}

void SetOption(CompileOptions* options, std::string_view name, const OptionValue& value) {
  Set(options, FindOption(name), value);
}

void SetOptionFromText(CompileOptions* options, std::string_view name, std::string_view text) {
  const OptionSpec& spec = FindOption(name);
  OptionValue value = std::string(text);
  if (std::holds_alternative<bool CompileOptions::*>(spec.field)) {
    if (const std::optional<bool> boolean = BooleanOf(text)) value = *boolean;
  } else if (std::holds_alternative<int CompileOptions::*>(spec.field)) {
    if (const std::optional<int64_t> integer = IntegerOf(text)) value = *integer;
  }
  Set(options, spec, value);
}

void CheckOptions(const CompileOptions& options, Language language) {
  static const CompileOptions kDefaults;
  for (const OptionSpec& spec : kOptions) {
    const bool is_default =
        std::visit([&](auto field) { return options.*field == kDefaults.*field; }, spec.field);
    if (is_default) continue;
    if (spec.c_only && language != Language::kC) {
      throw kiln::Error("ValueError", "option " + std::string(spec.name) +
                                          " has no meaning for language '" +
                                          std::string(LanguageName(language)) + "': leave it out");
    }
    std::visit(Overloaded{
                   [](bool CompileOptions::*) {},
                   [&](int CompileOptions::* field) { CheckInteger(spec, options.*field); },
                   [&](std::string CompileOptions::* field) { CheckString(spec, options.*field); },
                   [&](std::vector<std::string> CompileOptions::* field) {
                     for (const std::string& item : options.*field) CheckListItem(spec, item);
                   },
               },
               spec.field);
  }
}

}  // namespace kiln::jit
