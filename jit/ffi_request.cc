#include "jit/ffi_request.h"

#include <optional>
#include <utility>

#include "jit/artifact/compile_options.h"
#include "jit/artifact/source.h"
#include "kiln/array.h"
#include "kiln/map.h"

namespace kiln::jit {
namespace {

bool IsSequence(AnyView value) {
  return value.type_index() == kTVMFFIArray || value.type_index() == kTVMFFIList;
}

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
                                   " takes a bool, an int, a string, an array of strings or a map, "
                                   "got " +
                                   KindName(value.type_index()));
  }
}

// An address is an int, or an opaque pointer.
OptionEntry ToOptionEntry(const std::string& name, const std::string& key, AnyView value) {
  if (value.type_index() == kTVMFFIOpaquePtr) {
    return {key, reinterpret_cast<uint64_t>(value.cast<void*>())};
  }
  if (const auto address = value.try_cast<uint64_t>()) return {key, *address};
  if (auto text = value.try_cast<std::string>()) return {key, *std::move(text)};
  throw Error("TypeError", "option " + name + ": '" + key + "' must be a text or an address, got " +
                               KindName(value.type_index()));
}

void SetFromAbi(CompileOptions* options, const std::string& name, AnyView value) {
  if (IsSequence(value)) {
    for (const std::string& item : value.cast<Array<std::string>>()) {
      SetOption(options, name, item);
    }
  } else if (IsMapping(value)) {
    for (const auto& [key, item] : value.cast<Map<std::string, Any>>()) {
      SetOption(options, name, ToOptionEntry(name, key, item));
    }
  } else {
    SetOption(options, name, ToOptionValue(name, value));
  }
}

std::string TextOf(AnyView source) {
  if (auto text = source.try_cast<std::string>()) return *std::move(text);
  if (auto bytes = source.try_cast<Bytes>()) return std::string(bytes->view());
  throw Error("TypeError", "a source must be a str or bytes, got " + KindName(source.type_index()));
}

Language LanguageNamed(const std::string& name) {
  if (const std::optional<Language> language = LanguageFromName(name)) return *language;
  throw Error("ValueError", "language must be one of " + KnownLanguages() + ", got '" + name + "'");
}

// The source of that text. `name` and `language` may be empty.
Source MakeSource(std::string text, std::string name, const std::string& language) {
  Source source;
  source.language = language.empty() ? DetectLanguage(name, text) : LanguageNamed(language);
  source.name =
      name.empty() ? "<" + std::string(LanguageName(source.language)) + ">" : std::move(name);
  source.text = std::move(text);
  return source;
}

Module ToLinkedModule(AnyView value) {
  if (auto module = value.try_cast<Module>(); module && module->defined()) return *module;
  throw Error("TypeError", "option link takes a Module or an array of Modules, got " +
                               KindName(value.type_index()));
}

}  // namespace

bool IsMapping(AnyView value) {
  return value.type_index() == kTVMFFIMap || value.type_index() == kTVMFFIDict;
}

void RequestReader::Set(const std::string& name, AnyView value) {
  if (name == "name") {
    name_ = value.cast<std::string>();
  } else if (name == "language") {
    language_ = value.cast<std::string>();
  } else if (name == "link") {
    AddLinked(value);
  } else {
    SetFromAbi(&request_.options, name, value);
  }
}

Request RequestReader::Take() {
  if (IsMapping(source_)) {
    if (!name_.empty() || !language_.empty()) {
      throw Error("ValueError",
                  "options name and language are for one source; of several, the keys are the "
                  "names and tell the languages by their suffixes");
    }
    for (const auto& [name, text] : source_.cast<Map<std::string, Any>>()) {
      request_.sources.push_back(MakeSource(TextOf(text), name, ""));
    }
  } else {
    request_.sources.push_back(MakeSource(TextOf(source_), name_, language_));
  }
  return std::move(request_);
}

void RequestReader::AddLinked(AnyView value) {
  if (!IsSequence(value)) return request_.link.push_back(ToLinkedModule(value));
  for (const Any& module : value.cast<Array<Any>>()) {
    request_.link.push_back(ToLinkedModule(module));
  }
}

Request ReadRequest(PackedArgs args) {
  if (args.size() == 0) {
    throw Error("TypeError", "a source is needed, and then its options; got no arguments");
  }
  RequestReader reader(args[0]);
  if (args.size() == 2 && IsMapping(args[1])) {
    for (const auto& [name, value] : args[1].cast<Map<std::string, Any>>()) {
      reader.Set(name, value);
    }
  } else if (args.size() % 2 == 1) {
    for (int32_t i = 1; i < args.size(); i += 2) {
      reader.Set(args[i].cast<std::string>(), args[i + 1]);
    }
  } else {
    throw Error("TypeError",
                "a compile takes a source and then a map of options, or pairs of option and "
                "value, got " +
                    std::to_string(args.size()) + " arguments");
  }
  return reader.Take();
}

}  // namespace kiln::jit
