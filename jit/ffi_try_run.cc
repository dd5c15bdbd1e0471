#include "jit/ffi_try_run.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jit/ffi_request.h"
#include "jit/module.h"
#include "jit/sandbox/serve_run.h"
#include "jit/sandbox/try_run.h"
#include "jit/session.h"
#include "jit/threads/compile_threads.h"
#include "jit/worker/serve.h"
#include "kiln/map.h"
#include "kiln/registry.h"

namespace kiln::jit {
namespace {

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

}  // namespace

void RegisterTryRun() {
  GlobalFunction::Register(
      "kiln.jit.try_run",
      Function::FromPacked([](PackedArgs args, Any* result) { *result = TryRunFromAbi(args); }));
  GlobalFunction::RegisterTyped("kiln.jit.serve", &ServeFromAbi);
}

}  // namespace kiln::jit
