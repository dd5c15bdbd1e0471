// The only door into the engine: global functions of the ABI, registered while the library loads.
//
//   kiln.jit.compile(source: str | bytes | map, [option: str, value]...) -> Module
//   kiln.jit.compile(source: str | bytes | map, options: map) -> Module
//       Compiles and links. Several sources are a map of their names to their texts, and become one
//       module. Beside the options of the option table there are, for one source, `name` (what
//       messages call it) and `language` ("c", "c++", "cuda", "llvm-ir", "llvm-bitcode", "object",
//       "archive"; by the suffix of `name` or by the bytes where it is left out). An option that is
//       a list takes an array of strings, or one string each time that it is given; one that is a
//       map takes a map of strings to strings, or to addresses (int or opaque pointer). `link` is a
//       module that kiln.jit made, or an array of such: the code may use its symbols, and keeps its
//       code alive.
//   kiln.jit.compile_async(...) -> kiln.jit.Future
//       Takes what kiln.jit.compile takes, and compiles on a thread of the engine. What is wrong
//       with the arguments is raised at once, all else by the future: jit/service/future_object.h.
//   kiln.jit.wait_optimized(module: Module, seconds: float | int | None) -> bool
//       Waits until the functions of a module that was compiled with opt "auto" run the code of its
//       opt_level, that long at the most; None for as long as it takes. True if they do: at once
//       for any other module. Raises the error that the second compile ended with.
//   kiln.jit.on_optimized(module: Module, hook: Function) -> None
//       hook() is called once when that is so, or when the second compile has failed: at once where
//       it is by now.
//   kiln.jit.try_run(code: Module | str | bytes | map, name: str, options: map, args...) -> map
//       Calls that function of a module, or of a source that is compiled there, in a process of its
//       own without rights, on copies of its tensors, and tells what came of it: TryRun of
//       jit/sandbox/try_run.h. The options are those of kiln.jit.compile; of a module link,
//       timeout_ms and max_memory_mb. Without the last two, it has ten seconds and 4 GB. Without
//       exports, the function is exported.
//   kiln.jit.serve(mode: str)             for kiln-worker: jit/worker/serve.h
//   kiln.jit.version() -> str             "0.1.0"
//   kiln.jit.options() -> str             the option table as JSON
//   kiln.jit.doctor() -> str              DoctorReport()
//   kiln.jit.describe_address(address: ptr) -> str | None
//       What lies at an address in live compiled code: "add_one+0x1c in kernel.c", as
//       jit/link/describe_address.h tells. The runtime names frames of backtraces by it.
//   kiln.jit.launch([option: str, value]...) -> kiln.jit.Launch
//       How to launch a kernel: jit/device/launch_object.h.
//   ffi.Module.load_from_file.kiln(path: str, format: str) -> Module
//   ffi.Module.load_from_bytes.kiln_jit(bytes) -> Module

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/artifact/source.h"
#include "jit/device/launch_object.h"
#include "jit/doctor.h"
#include "jit/link/describe_address.h"
#include "jit/log.h"
#include "jit/module.h"
#include "jit/sandbox/serve_run.h"
#include "jit/sandbox/try_run.h"
#include "jit/service/future_object.h"
#include "jit/service/tiered_code.h"
#include "jit/session.h"
#include "jit/threads/compile_threads.h"
#include "jit/worker/serve.h"
#include "kiln/array.h"
#include "kiln/map.h"
#include "kiln/optional.h"
#include "kiln/registry.h"

namespace kiln::jit {
namespace {

bool IsMapping(AnyView value) {
  return value.type_index() == kTVMFFIMap || value.type_index() == kTVMFFIDict;
}

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

// A request as it is read from the arguments of a call.
class RequestReader {
 public:
  explicit RequestReader(AnyView source) : source_(source) {}

  void Set(const std::string& name, AnyView value) {
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

  Request Take() {
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

 private:
  void AddLinked(AnyView value) {
    if (!IsSequence(value)) return request_.link.push_back(ToLinkedModule(value));
    for (const Any& module : value.cast<Array<Any>>()) {
      request_.link.push_back(ToLinkedModule(module));
    }
  }

  AnyView source_;
  std::string name_;
  std::string language_;
  Request request_;
};

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

bool WaitOptimized(const Module& module, AnyView seconds) {
  const std::shared_ptr<TieredCode> tiers = JitModule::TiersOf(module);
  return tiers == nullptr || tiers->WaitUntil(DeadlineIn(seconds));
}

void OnOptimized(const Module& module, const Function& hook) {
  if (hook.get() == nullptr) throw Error("TypeError", "on_optimized takes a Function, got None");
  const std::shared_ptr<TieredCode> tiers = JitModule::TiersOf(module);
  if (tiers == nullptr) {
    hook();
  } else {
    tiers->OnDone([hook] { hook(); });
  }
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

Optional<String> DescribeCode(void* address) {
  const std::optional<std::string> text = DescribeAddress(address);
  return text ? Optional<String>(String(*text)) : std::nullopt;
}

// Several artifacts, as Serialize writes them.
std::vector<std::string> BytesOf(const std::vector<Module>& modules) {
  std::vector<std::string> all;
  for (const Module& module : modules) {
    JitModule::ImageOf(module);  // Refuses those that kiln.jit did not make.
    all.emplace_back(module->SaveToBytes().view());
  }
  return all;
}

// Limits for code that no one knows, where the caller gives none.
constexpr int kTryTimeoutMs = 10'000;
constexpr int kTryMemoryMb = 4'096;

// What the options of a run in the sandbox say, and what it runs.
TryRunRequest TryRequestOf(AnyView code, std::string function,
                           const Map<std::string, Any>& options) {
  const bool is_module = code.type_index() == kTVMFFIModule;
  // A module takes the options of a run alone; the source is never looked at.
  RequestReader reader(is_module ? AnyView("no source") : code);
  if (is_module) reader.Set("language", AnyView("c"));
  bool has_timeout = false;
  bool has_memory = false;
  bool has_debug_info = false;
  for (const auto& [name, value] : options) {
    has_timeout |= name == "timeout_ms";
    has_memory |= name == "max_memory_mb";
    has_debug_info |= name == "debug_info";
    if (is_module && name != "timeout_ms" && name != "max_memory_mb" && name != "link") {
      throw Error("ValueError", "option " + name +
                                    " is for a source, and the module is compiled: give "
                                    "timeout_ms, max_memory_mb or link");
    }
    reader.Set(name, value);
  }
  Request request = reader.Take();
  TryRunRequest wanted;
  wanted.function = std::move(function);
  wanted.timeout_ms = has_timeout ? request.options.timeout_ms : kTryTimeoutMs;
  wanted.max_memory_mb = has_memory ? request.options.max_memory_mb : kTryMemoryMb;
  wanted.linked = BytesOf(request.link);
  if (is_module) {
    wanted.artifact = BytesOf({code.cast<Module>()}).front();
    return wanted;
  }
  if (!request.options.symbols.empty()) {
    throw Error("ValueError",
                "option symbols has addresses of this process, and the code runs in another");
  }
  request.options.isolate = "none";
  request.options.timeout_ms = 0;
  request.options.max_memory_mb = 0;
  const bool can_have_debug_info =
      std::any_of(request.sources.begin(), request.sources.end(), [](const Source& source) {
        return source.language == Language::kC || IsCxx(source.language);
      });
  const bool can_export =
      std::any_of(request.sources.begin(), request.sources.end(), [](const Source& source) {
        return source.language != Language::kObject && source.language != Language::kArchive;
      });
  if (can_export && request.options.exports.empty()) request.options.exports = {wanted.function};
  // So that the line of a crash is known.
  if (can_have_debug_info && !has_debug_info) request.options.debug_info = true;
  std::error_code no_folder;
  wanted.source.emplace(CompileRequest{std::move(request.sources), std::move(request.options),
                                       std::filesystem::current_path(no_folder).string()});
  return wanted;
}

Map<String, Any> TryRunFromAbi(PackedArgs args) {
  if (args.size() < 3 || !IsMapping(args[2])) {
    throw Error("TypeError",
                "kiln.jit.try_run takes a module or a source, the name of a function, a map of "
                "options, and then the arguments of the function");
  }
  const TryRunRequest request =
      TryRequestOf(args[0], args[1].cast<std::string>(), args[2].cast<Map<std::string, Any>>());
  const auto* const arguments = reinterpret_cast<const AnyView*>(args.data()) + 3;
  return TryRun(request, {arguments, static_cast<size_t>(args.size() - 3)});
}

// In a worker process: does what the one that started it asks for.
void ServeFromAbi(const std::string& mode) {
  const CompileFunction compile = [](const std::vector<Source>& sources,
                                     const CompileOptions& options, CompileReport* report) {
    std::shared_ptr<const Artifact> artifact;
    CompileThreads::Global().Run(
        [&] { artifact = DefaultSession().CompileOnly({sources, options, {}}, report); });
    return *artifact;
  };
  if (mode == "compile") return ServeCompiles(compile);
  if (mode != "run") throw Error("ValueError", "a worker has no mode '" + mode + "'");
  ServeRun(compile, [](const Artifact& artifact, LinkInputs inputs) {
    LoadedCode code{std::make_shared<const Artifact>(artifact),
                    DefaultSession().Link(artifact, std::move(inputs))};
    std::shared_ptr<LoadedImage> image = code.image;
    return LinkedCode{std::move(image), JitModule::Make(std::move(code), /*origin=*/nullptr)};
  });
}

void RegisterFunctions() {
  GlobalFunction::Register("kiln.jit.compile",
                           Function::FromPacked([](PackedArgs args, Any* result) {
                             *result = DefaultSession().Compile(ReadRequest(args));
                           }));
  GlobalFunction::Register(
      "kiln.jit.compile_async", Function::FromPacked([](PackedArgs args, Any* result) {
        *result = Future(
            MakeObject<FutureObj>(DefaultSession().Submit(ReadRequest(args), Priority::kQueue)));
      }));
  GlobalFunction::RegisterTyped("kiln.jit.wait_optimized", &WaitOptimized);
  GlobalFunction::RegisterTyped("kiln.jit.on_optimized", &OnOptimized);
  GlobalFunction::RegisterTyped("kiln.jit.version", [] { return String(KILN_VERSION); });
  GlobalFunction::RegisterTyped("kiln.jit.options", [] { return String(OptionTableAsJson()); });
  GlobalFunction::RegisterTyped("kiln.jit.doctor", [] { return String(DoctorReport()); });
  GlobalFunction::RegisterTyped("kiln.jit.describe_address", &DescribeCode);
  GlobalFunction::Register(
      "kiln.jit.try_run",
      Function::FromPacked([](PackedArgs args, Any* result) { *result = TryRunFromAbi(args); }));
  GlobalFunction::RegisterTyped("kiln.jit.serve", &ServeFromAbi);
  RegisterLaunch();
  RegisterFuture();
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
