#ifndef KILN_JIT_ARTIFACT_COMPILE_OPTIONS_H_
#define KILN_JIT_ARTIFACT_COMPILE_OPTIONS_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "jit/artifact/source.h"

namespace kiln::jit {

using TextMap = std::map<std::string, std::string>;
using AddressMap = std::map<std::string, uint64_t>;

// How to compile. OptionTable() says what each field means and which values it takes.
struct CompileOptions {
  int opt_level = 2;
  std::string opt = "level";
  std::string cpu = "native";
  std::string features;
  std::vector<std::string> exports;
  std::string standard;
  std::string fp_contract = "on";
  bool fast_math = false;
  std::string veclib = "none";
  bool openmp = false;
  std::vector<std::string> sanitize;
  bool debug_info = false;
  bool remarks = false;
  bool system_headers = true;
  std::vector<std::string> include_dirs;
  TextMap headers;
  std::vector<std::string> defines;
  std::vector<std::string> flags;
  std::vector<std::string> libraries;
  AddressMap symbols;
  std::vector<std::string> cuda_archs;
  std::string launch;
  int max_registers = 0;
  bool lineinfo = false;
  bool device_debug = false;
  std::vector<std::string> nvrtc_flags;
  std::string site_packages;
  // Of no user: set for the compiles of a module that has tiers.
  bool quick_tier = false;       // rather soon than well; opt_level stays what the source sees
  bool share_variables = false;  // so that another compile can go on with them
  std::string isolate = "none";
  int timeout_ms = 0;
  int max_memory_mb = 0;

  bool operator==(const CompileOptions&) const = default;
};

// The field of CompileOptions that an option sets. A list takes one string at each SetOption, a map
// one entry.
using OptionField =
    std::variant<bool CompileOptions::*, int CompileOptions::*, std::string CompileOptions::*,
                 std::vector<std::string> CompileOptions::*, TextMap CompileOptions::*,
                 AddressMap CompileOptions::*>;

// The languages that an option means something to: bits 1 << Language.
using LanguageSet = uint32_t;
constexpr LanguageSet SetOf(std::initializer_list<Language> languages) {
  LanguageSet set = 0;
  for (const Language language : languages) set |= 1U << static_cast<unsigned>(language);
  return set;
}
inline constexpr LanguageSet kCFamily = SetOf({Language::kC, Language::kCxx, Language::kCuda});
inline constexpr LanguageSet kCudaOnly = SetOf({Language::kCuda});
inline constexpr LanguageSet kCompiledLanguages =
    kCFamily | SetOf({Language::kLlvmIr, Language::kLlvmBitcode});
inline constexpr LanguageSet kAllLanguages =
    kCompiledLanguages | SetOf({Language::kObject, Language::kArchive});

// One option, as a user meets it. Checks, help texts and documentation are made from it.
struct OptionSpec {
  std::string_view name;
  OptionField field;
  std::string_view meaning;
  LanguageSet languages = kAllLanguages;
  bool changes_code = true;  // false: the same sources give the same objects, whatever it is
  int min = 0;               // of an integer
  int max = 0;
  std::span<const std::string_view> values = {};  // of a string or a list; empty: any will do
};

std::span<const OptionSpec> OptionTable();

// "bool", "int", "string", "list" or "map".
std::string_view TypeName(const OptionSpec& spec);

// The type and the range of an option's values in words: "an integer 0..3", "a boolean",
// "one of 'on', 'off', 'fast'", "a string", "a list of strings".
std::string ExpectedValue(const OptionSpec& spec);

// The default of an option as text: "2", "true", "native"; "" for an empty string, list or map.
std::string DefaultValue(const OptionSpec& spec);

// One entry of a map; an integer is an address.
struct OptionEntry {
  std::string key;
  std::variant<std::string, uint64_t> value;
};
using OptionValue = std::variant<bool, int64_t, std::string, OptionEntry>;

// Sets one option by name. Throws KeyError for an unknown name, TypeError for a value of another
// type, ValueError for one out of range.
void SetOption(CompileOptions* options, std::string_view name, const OptionValue& value);

// Sets one option from text, as a command line gives it: "3", "true", "off", "-mavx2" and so on; an
// entry of a map is "KEY=VALUE". Throws as SetOption does.
void SetOptionFromText(CompileOptions* options, std::string_view name, std::string_view text);

// Checks every field, for code that filled the struct itself, and that each option that is set
// means something to one of `languages`. Throws ValueError. The names of CPUs, features and flags
// are checked by the compiler, which knows them.
void CheckOptions(const CompileOptions& options, std::span<const Language> languages);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_COMPILE_OPTIONS_H_
