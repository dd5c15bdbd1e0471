#ifndef KILN_JIT_ARTIFACT_COMPILE_OPTIONS_H_
#define KILN_JIT_ARTIFACT_COMPILE_OPTIONS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "jit/artifact/source.h"

namespace kiln::jit {

// How to compile. OptionTable() says what each field means and which values it takes.
struct CompileOptions {
  int opt_level = 2;
  std::string cpu = "native";
  std::string features;
  std::string standard;
  std::string fp_contract = "on";
  bool fast_math = false;
  bool debug_info = false;
  bool system_headers = true;
  std::vector<std::string> include_dirs;
  std::vector<std::string> defines;

  bool operator==(const CompileOptions&) const = default;
};

// The field of CompileOptions that an option sets. A list takes one string at each SetOption.
using OptionField =
    std::variant<bool CompileOptions::*, int CompileOptions::*, std::string CompileOptions::*,
                 std::vector<std::string> CompileOptions::*>;

// One option, as a user meets it. Help texts and checks are made from it.
struct OptionSpec {
  std::string_view name;
  OptionField field;
  std::string_view meaning;
  int min = 0;  // of an integer
  int max = 0;
  std::span<const std::string_view> values = {};  // of a string; empty where any will do
  bool c_only = false;                            // means nothing for LLVM IR
};

std::span<const OptionSpec> OptionTable();

// The type and the range of an option's values in words: "an integer 0..3", "a boolean",
// "one of 'on', 'off', 'fast'", "a string".
std::string ExpectedValue(const OptionSpec& spec);

// The default of an option as text: "2", "true", "native", "" for an empty string or list.
std::string DefaultValue(const OptionSpec& spec);

using OptionValue = std::variant<bool, int64_t, std::string>;

// Sets one option by name. Throws KeyError for an unknown name, TypeError for a value of another
// type, ValueError for one out of range.
void SetOption(CompileOptions* options, std::string_view name, const OptionValue& value);

// Sets one option from text, as a command line gives it: "3", "true", "off", "-mavx2" and so on.
// Throws as SetOption does.
void SetOptionFromText(CompileOptions* options, std::string_view name, std::string_view text);

// Checks every field, for code that filled the struct itself, and that no option which only C knows
// is set for another language. Throws ValueError. The names of CPUs and features are checked by the
// compiler, which knows them.
void CheckOptions(const CompileOptions& options, Language language);

}  // namespace kiln::jit

#endif  // KILN_JIT_ARTIFACT_COMPILE_OPTIONS_H_
