// The only door into the engine: global functions of the ABI, registered while the library loads.
//
//   kiln.jit.compile(source: str | bytes, [option: str, value]...) -> Module
//   kiln.jit.compile(source: str | bytes, options: map) -> Module
//       Compiles and links. Beside the options of the option table there are `name` (what messages
//       call the source) and `language` ("c", "llvm-ir", "llvm-bitcode"; by the suffix of `name` or
//       by the bytes where it is left out). An option that is a list takes an array of strings, or
//       one string each time that it is given.
//   kiln.jit.version() -> str             "0.1.0"
//   kiln.jit.options() -> str             the option table as JSON
//   kiln.jit.doctor() -> str              DoctorReport()
//   ffi.Module.load_from_file.kiln(path: str, format: str) -> Module
//   ffi.Module.load_from_bytes.kiln_jit(bytes) -> Module

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/source.h"
#include "jit/doctor.h"
#include "jit/log.h"
#include "jit/session.h"
#include "kiln/array.h"
#include "kiln/map.h"
#include "kiln/registry.h"

namespace kiln::jit {
namespace {

OptionValue ToOptionValue(const std::string& name, AnyView value) {
  switch (value.type_index()) {
    case kTVMFFIBool:
      return value.cast<bool>();
    case kTVMFFIInt:
      return value.cast<int64_t>();
    case kTVMFFIRawStr:
    case kTVMFFISmallStr:
    case kTVMFFIStr:
      return value.cast<std::string>();
    default:
      throw Error("TypeError", "option " + name +
                                   " takes a bool, an int, a string or an array of "
                                   "strings, got " +
                                   KindName(value.type_index()));
  }
}

void SetFromAbi(CompileOptions* options, const std::string& name, AnyView value) {
  if (value.type_index() != kTVMFFIArray && value.type_index() != kTVMFFIList) {
    return SetOption(options, name, ToOptionValue(name, value));
  }
  const auto items = value.cast<Array<std::string>>();
  for (size_t i = 0; i < items.size(); ++i) SetOption(options, name, items[i]);
}

std::string TextOf(AnyView source) {
  if (auto text = source.try_cast<std::string>()) return *std::move(text);
  if (auto bytes = source.try_cast<Bytes>()) return std::string(bytes->view());
  throw Error("TypeError",
              "the source must be a str or bytes, got " + KindName(source.type_index()));
}

Language LanguageNamed(const std::string& name) {
  if (const std::optional<Language> language = LanguageFromName(name)) return *language;
  throw Error("ValueError",
              "language must be 'c', 'llvm-ir' or 'llvm-bitcode', got '" + name + "'");
}

// What a caller asks for: a source, the language where it names one, and options.
struct Request {
  Source source;
  std::string language;
  CompileOptions options;

  void Set(const std::string& name, AnyView value) {
    if (name == "name") {
      source.name = value.cast<std::string>();
    } else if (name == "language") {
      language = value.cast<std::string>();
    } else {
      SetFromAbi(&options, name, value);
    }
  }
};

bool IsMapping(AnyView value) {
  return value.type_index() == kTVMFFIMap || value.type_index() == kTVMFFIDict;
}

Module CompileFromAbi(PackedArgs args) {
  Request request;
  request.source.text = TextOf(args[0]);
  if (args.size() == 2 && IsMapping(args[1])) {
    for (const auto& [name, value] : args[1].cast<Map<std::string, Any>>()) {
      request.Set(name, value);
    }
  } else if (args.size() % 2 == 1) {
    for (int32_t i = 1; i < args.size(); i += 2) {
      request.Set(args[i].cast<std::string>(), args[i + 1]);
    }
  } else {
    throw Error("TypeError",
                "kiln.jit.compile takes a source and then a map of options, or pairs of option and "
                "value, got " +
                    std::to_string(args.size()) + " arguments");
  }
  Source& source = request.source;
  source.language = request.language.empty() ? DetectLanguage(source.name, source.text)
                                             : LanguageNamed(request.language);
  if (source.name.empty()) source.name = "<" + std::string(LanguageName(source.language)) + ">";
  return DefaultSession().Compile(source, request.options);
}

std::string_view TypeName(const OptionSpec& spec) {
  if (std::holds_alternative<bool CompileOptions::*>(spec.field)) return "bool";
  if (std::holds_alternative<int CompileOptions::*>(spec.field)) return "int";
  if (std::holds_alternative<std::string CompileOptions::*>(spec.field)) return "string";
  return "list";
}

std::string OptionTableAsJson() {
  nlohmann::ordered_json table = nlohmann::ordered_json::array();
  for (const OptionSpec& spec : OptionTable()) {
    table.push_back({{"name", spec.name},
                     {"type", TypeName(spec)},
                     {"expected", ExpectedValue(spec)},
                     {"default", DefaultValue(spec)},
                     {"meaning", spec.meaning}});
  }
  return table.dump(2);
}

Module LoadArtifactFile(const std::string& path, const std::string&) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("RuntimeError", "can't read '" + path + "'");
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  return DefaultSession().Load(ParseArtifact(bytes, path));
}

Module LoadArtifactBytes(const Bytes& bytes) {
  return DefaultSession().Load(ParseArtifact(bytes.view(), "the bytes of a module"));
}

void RegisterFunctions() {
  GlobalFunction::Register(
      "kiln.jit.compile",
      Function::FromPacked([](PackedArgs args, Any* result) { *result = CompileFromAbi(args); }));
  GlobalFunction::RegisterTyped("kiln.jit.version", [] { return String(KILN_VERSION); });
  GlobalFunction::RegisterTyped("kiln.jit.options", [] { return String(OptionTableAsJson()); });
  GlobalFunction::RegisterTyped("kiln.jit.doctor", [] { return String(DoctorReport()); });
  GlobalFunction::RegisterTyped("ffi.Module.load_from_file.kiln", &LoadArtifactFile);
  GlobalFunction::RegisterTyped("ffi.Module.load_from_bytes.kiln_jit", &LoadArtifactBytes);
}

// Runs while the library loads, where an exception would end the process.
[[gnu::constructor]] void RegisterAtLoad() noexcept {
  try {
    RegisterFunctions();
  } catch (const std::exception& error) {
    Log(LogLevel::kError,
        std::string("libkiln_jit.so could not register its functions: ") + error.what());
  }
}

}  // namespace
}  // namespace kiln::jit
