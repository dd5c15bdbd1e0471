#include "jit/artifact/compile_options.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "jit/artifact/nearest_name.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr std::string_view kStandards[] = {
    "",      "c99",   "c11",   "c17",   "c18",   "c23",   "c2y",     "gnu99",   "gnu11",  "gnu17",
    "gnu18", "gnu23", "gnu2y", "c++17", "c++20", "c++23", "gnu++17", "gnu++20", "gnu++23"};
constexpr std::string_view kTierings[] = {"level", "auto"};
constexpr std::string_view kContractions[] = {"on", "off", "fast"};
constexpr std::string_view kVectorLibraries[] = {"none", "libmvec"};
constexpr std::string_view kIsolations[] = {"none", "process"};
constexpr std::string_view kSanitizers[] = {"address", "undefined"};

constexpr OptionSpec kOptions[] = {
    {.name = "opt_level",
     .field = &CompileOptions::opt_level,
     .meaning = "how hard to optimise: 0 compiles fastest, 3 runs fastest",
     .languages = kCompiledLanguages,
     .min = 0,
     .max = 3},
    {.name = "opt",
     .field = &CompileOptions::opt,
     .meaning = "'level' compiles once, by opt_level; 'auto' compiles quickly, so that functions "
                "can be called in a millisecond or two, and by opt_level in the background: the "
                "functions change over to that code by themselves",
     .languages = kCompiledLanguages,
     .values = kTierings},
    {.name = "cpu",
     .field = &CompileOptions::cpu,
     .meaning = "the CPU to compile for: 'native' is this one, 'generic' any x86-64"},
    {.name = "features",
     .field = &CompileOptions::features,
     .meaning = "CPU features to add or to leave out beside those of cpu, like '+avx2,-fma'"},
    {.name = "exports",
     .field = &CompileOptions::exports,
     .meaning = "plain functions to make Functions of, such as 'saxpy' or 'scale<float>'; 'all' "
                "takes each that has a supported signature",
     .languages = kCompiledLanguages},
    {.name = "std",
     .field = &CompileOptions::standard,
     .meaning = "the standard of the language; where it is empty, gnu17 for C, gnu++20 for C++ and "
                "gnu++17 for CUDA",
     .languages = kCFamily,
     .values = kStandards},
    {.name = "fp_contract",
     .field = &CompileOptions::fp_contract,
     .meaning = "when a*b+c may become one rounded step: 'on' inside an expression, 'fast' "
                "everywhere, 'off' never",
     .languages = kCFamily,
     .values = kContractions},
    {.name = "fast_math",
     .field = &CompileOptions::fast_math,
     .meaning = "let floating point be reordered, and take it that no NaN or infinity occurs",
     .languages = kCFamily},
    {.name = "veclib",
     .field = &CompileOptions::veclib,
     .meaning = "the library of vector functions that loops over sin, exp and such may call; "
                "'libmvec' is glibc's",
     .languages = kCompiledLanguages,
     .values = kVectorLibraries},
    {.name = "openmp",
     .field = &CompileOptions::openmp,
     .meaning = "carry out OpenMP directives, with LLVM's libomp on this machine",
     .languages = kCFamily},
    {.name = "sanitize",
     .field = &CompileOptions::sanitize,
     .meaning = "checks to build into the code: 'undefined' makes undefined behaviour an error of "
                "the call; 'address' has AddressSanitizer watch its memory, in a process that runs "
                "under it",
     .languages = kCFamily,
     .values = kSanitizers},
    {.name = "debug_info",
     .field = &CompileOptions::debug_info,
     .meaning = "put DWARF debug information in the object",
     .languages = kCFamily},
    {.name = "remarks",
     .field = &CompileOptions::remarks,
     .meaning = "tell which loops were vectorised and which calls inlined, and why not",
     .languages = kCompiledLanguages,
     .changes_code = false},
    {.name = "system_headers",
     .field = &CompileOptions::system_headers,
     .meaning = "find headers of the C and C++ libraries on this machine; false compiles from "
                "memory alone",
     .languages = kCFamily},
    {.name = "include_dirs",
     .field = &CompileOptions::include_dirs,
     .meaning = "directories to look for headers in",
     .languages = kCFamily},
    {.name = "headers",
     .field = &CompileOptions::headers,
     .meaning = "headers in memory: the name that #include asks for, and the text",
     .languages = kCFamily},
    {.name = "defines",
     .field = &CompileOptions::defines,
     .meaning = "macros, each NAME or NAME=VALUE",
     .languages = kCFamily},
    {.name = "flags",
     .field = &CompileOptions::flags,
     .meaning = "further options of Clang, such as '-Wall' or '-fno-math-errno'",
     .languages = kCFamily},
    {.name = "libraries",
     .field = &CompileOptions::libraries,
     .meaning = "shared libraries whose symbols the code may use: paths, or names that the dynamic "
                "linker finds",
     .changes_code = false},
    {.name = "symbols",
     .field = &CompileOptions::symbols,
     .meaning = "symbols that the code may use, and their addresses",
     .changes_code = false},
    {.name = "cuda_archs",
     .field = &CompileOptions::cuda_archs,
     .meaning = "what to compile device code for: 'sm_90' makes a cubin, 'compute_90' PTX for that "
                "and later GPUs, 'lto_90' LTO-IR; where it is empty, the GPUs of this machine, or "
                "PTX for any where there is none",
     .languages = kCudaOnly},
    {.name = "launch",
     .field = &CompileOptions::launch,
     .meaning =
         "how exported kernels are launched where the caller does not say: '1d' has a thread "
         "for each element of the first tensor, 'grid=64,1,1 block=256,1,1 smem=0' is fixed",
     .languages = kCudaOnly},
    {.name = "max_registers",
     .field = &CompileOptions::max_registers,
     .meaning = "the most registers that a thread of device code may use; 0 sets no limit",
     .languages = kCudaOnly,
     .min = 0,
     .max = 255},
    {.name = "lineinfo",
     .field = &CompileOptions::lineinfo,
     .meaning = "tell profilers the source lines of device code",
     .languages = kCudaOnly},
    {.name = "device_debug",
     .field = &CompileOptions::device_debug,
     .meaning = "compile device code for a debugger, without optimisation",
     .languages = kCudaOnly},
    {.name = "nvrtc_flags",
     .field = &CompileOptions::nvrtc_flags,
     .meaning = "further options of NVRTC, such as '--use_fast_math' or '--ftz=true'",
     .languages = kCudaOnly},
    {.name = "site_packages",
     .field = &CompileOptions::site_packages,
     .meaning = "a site-packages folder whose nvidia wheels have NVRTC and CUDA's headers",
     .languages = kCudaOnly,
     .changes_code = false},
    {.name = "isolate",
     .field = &CompileOptions::isolate,
     .meaning = "where to compile: 'none' in this process, 'process' in a worker, whose crash or "
                "endless work is an error here",
     .changes_code = false,
     .values = kIsolations},
    {.name = "timeout_ms",
     .field = &CompileOptions::timeout_ms,
     .meaning = "how long a compile in a worker may take, in milliseconds; 0 sets no limit",
     .changes_code = false,
     .min = 0,
     .max = std::numeric_limits<int>::max()},
    {.name = "max_memory_mb",
     .field = &CompileOptions::max_memory_mb,
     .meaning = "how much memory a compile in a worker may take, in MB; 0 sets no limit",
     .changes_code = false,
     .min = 0,
     .max = 1 << 20},
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
                        [](const OptionEntry& e) { return "an entry '" + e.key + "'"; },
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
                 [&](TextMap CompileOptions::* field) {
                   const OptionEntry& entry = Take<OptionEntry>(spec, value);
                   const auto* text = std::get_if<std::string>(&entry.value);
                   if (text == nullptr) Refuse("TypeError", spec, value);
                   CheckListItem(spec, entry.key);
                   (options->*field)[entry.key] = *text;
                 },
                 [&](AddressMap CompileOptions::* field) {
                   const OptionEntry& entry = Take<OptionEntry>(spec, value);
                   const auto* address = std::get_if<uint64_t>(&entry.value);
                   if (address == nullptr) Refuse("TypeError", spec, value);
                   CheckListItem(spec, entry.key);
                   (options->*field)[entry.key] = *address;
                 },
             },
             spec.field);
}

std::optional<bool> BooleanOf(std::string_view text) {
  if (text == "true" || text == "on" || text == "yes" || text == "1") return true;
  if (text == "false" || text == "off" || text == "no" || text == "0") return false;
  return std::nullopt;
}

template <class Integer>
std::optional<Integer> IntegerOf(std::string_view text, int base = 10) {
  Integer integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return integer;
}

// "0x7f001234" or a decimal number.
std::optional<uint64_t> AddressOf(std::string_view text) {
  if (text.starts_with("0x")) return IntegerOf<uint64_t>(text.substr(2), 16);
  return IntegerOf<uint64_t>(text);
}

// "KEY=VALUE" for a map. Without a "=" it stays text, which no map takes.
OptionValue EntryOf(const OptionSpec& spec, std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::string(text);
  OptionEntry entry{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
  if (std::holds_alternative<AddressMap CompileOptions::*>(spec.field)) {
    const std::optional<uint64_t> address = AddressOf(text.substr(equals + 1));
    if (!address) return std::string(text);
    entry.value = *address;
  }
  return entry;
}

// Limits hold where there is a process to stop.
void CheckIsolation(const CompileOptions& options) {
  if (options.isolate == "process") return;
  for (const auto& [name, value] : {std::pair("timeout_ms", options.timeout_ms),
                                    std::pair("max_memory_mb", options.max_memory_mb)}) {
    if (value == 0) continue;
    throw kiln::Error("ValueError", std::string("option ") + name + " = " + std::to_string(value) +
                                        " needs isolate = 'process': this process can't be stopped "
                                        "in the middle of a compile");
  }
}

std::string NamesOf(std::span<const Language> languages) {
  std::string names;
  for (const Language language : languages) {
    names += (names.empty() ? "'" : ", '") + std::string(LanguageName(language)) + "'";
  }
  return names;
}

}  // namespace

std::span<const OptionSpec> OptionTable() { return kOptions; }

std::string_view TypeName(const OptionSpec& spec) {
  return std::visit(Overloaded{
                        [](bool CompileOptions::*) { return "bool"; },
                        [](int CompileOptions::*) { return "int"; },
                        [](std::string CompileOptions::*) { return "string"; },
                        [](std::vector<std::string> CompileOptions::*) { return "list"; },
                        [](TextMap CompileOptions::*) { return "map"; },
                        [](AddressMap CompileOptions::*) { return "map"; },
                    },
                    spec.field);
}

std::string ExpectedValue(const OptionSpec& spec) {
  if (std::holds_alternative<bool CompileOptions::*>(spec.field)) return "a boolean";
  if (std::holds_alternative<TextMap CompileOptions::*>(spec.field)) {
    return "a map of names to texts";
  }
  if (std::holds_alternative<AddressMap CompileOptions::*>(spec.field)) {
    return "a map of names to addresses";
  }
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
          [](auto) { return std::string(); },
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
    if (const std::optional<int64_t> integer = IntegerOf<int64_t>(text)) value = *integer;
  } else if (TypeName(spec) == "map") {
    value = EntryOf(spec, text);
  }
  Set(options, spec, value);
}

void CheckOptions(const CompileOptions& options, std::span<const Language> languages) {
  static const CompileOptions kDefaults;
  for (const OptionSpec& spec : kOptions) {
    const bool is_default =
        std::visit([&](auto field) { return options.*field == kDefaults.*field; }, spec.field);
    if (is_default) continue;
    if (std::none_of(languages.begin(), languages.end(), [&](Language language) {
          return (spec.languages & SetOf({language})) != 0;
        })) {
      throw kiln::Error("ValueError", "option " + std::string(spec.name) +
                                          " has no meaning for language " + NamesOf(languages) +
                                          ": leave it out");
    }
    std::visit(Overloaded{
                   [](bool CompileOptions::*) {},
                   [&](int CompileOptions::* field) { CheckInteger(spec, options.*field); },
                   [&](std::string CompileOptions::* field) { CheckString(spec, options.*field); },
                   [&](std::vector<std::string> CompileOptions::* field) {
                     for (const std::string& item : options.*field) CheckListItem(spec, item);
                   },
                   [&](auto field) {
                     for (const auto& entry : options.*field) CheckListItem(spec, entry.first);
                   },
               },
               spec.field);
  }
  CheckIsolation(options);
}

}  // namespace kiln::jit
