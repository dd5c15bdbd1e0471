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
//   kiln.jit.compile_while_held(...) -> kiln.jit.Future
//       The same for a caller that waits: it goes before the queue, and ends with a CancelledError
//       where the last reference to the future goes. So an interrupt leaves nothing behind wherever
//       it meets the caller.
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
//   kiln.jit.preload() -> None
//       Makes ready, on a thread of the engine, what a first compile would wait for.
//   kiln.jit.stats() -> map
//       What the engine has done in this process (jit/stats.h): the counts "compiles", "failures"
//       (and how many of them were "crashes"), "cancelled", "shared", "links", "optimized",
//       "live_modules", the "code_bytes" that modules have in memory, and for every phase the
//       milliseconds that it took in all: "parse_ms", "codegen_ms", ...
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

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/device/launch_object.h"
#include "jit/doctor.h"
#include "jit/ffi_request.h"
#include "jit/ffi_try_run.h"
#include "jit/link/code_memory.h"
#include "jit/link/describe_address.h"
#include "jit/log.h"
#include "jit/module.h"
#include "jit/service/future_object.h"
#include "jit/service/tiered_code.h"
#include "jit/session.h"
#include "jit/stats.h"
#include "kiln/map.h"
#include "kiln/optional.h"
#include "kiln/registry.h"

namespace kiln::jit {
namespace {

Future Submitted(Request request, Priority priority, bool cancels_when_dropped) {
  return Future(MakeObject<FutureObj>(DefaultSession().Submit(std::move(request), priority),
                                      cancels_when_dropped));
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

Map<String, Any> StatsFromAbi() {
  const Stats& stats = TheStats();
  Map<String, Any> all;
  const auto set = [&](std::string_view name, int64_t count) { all.Set(String(name), count); };
  set("compiles", static_cast<int64_t>(stats.compiles));
  set("failures", static_cast<int64_t>(stats.failures));
  set("crashes", static_cast<int64_t>(stats.crashes));
  set("cancelled", static_cast<int64_t>(stats.cancelled));
  set("shared", static_cast<int64_t>(stats.shared));
  set("links", static_cast<int64_t>(stats.links));
  set("optimized", static_cast<int64_t>(stats.optimized));
  set("live_modules", stats.live_modules);
  set("code_bytes", static_cast<int64_t>(CodeMemory::OfProcess().bytes_in_use()));
  for (const auto& [phase, time] : stats.Phases()) {
    all.Set(String(phase + "_ms"), std::chrono::duration<double, std::milli>(time).count());
  }
  return all;
}

Optional<String> DescribeCode(void* address) {
  const std::optional<std::string> text = DescribeAddress(address);
  return text ? Optional<String>(String(*text)) : std::nullopt;
}

void RegisterFunctions() {
  GlobalFunction::Register("kiln.jit.compile",
                           Function::FromPacked([](PackedArgs args, Any* result) {
                             *result = DefaultSession().Compile(ReadRequest(args));
                           }));
  GlobalFunction::Register(
      "kiln.jit.compile_async", Function::FromPacked([](PackedArgs args, Any* result) {
        *result = Submitted(ReadRequest(args), Priority::kQueue, /*cancels_when_dropped=*/false);
      }));
  GlobalFunction::Register(
      "kiln.jit.compile_while_held", Function::FromPacked([](PackedArgs args, Any* result) {
        *result = Submitted(ReadRequest(args), Priority::kCaller, /*cancels_when_dropped=*/true);
      }));
  GlobalFunction::RegisterTyped("kiln.jit.wait_optimized", &WaitOptimized);
  GlobalFunction::RegisterTyped("kiln.jit.on_optimized", &OnOptimized);
  GlobalFunction::RegisterTyped("kiln.jit.version", [] { return String(KILN_VERSION); });
  GlobalFunction::RegisterTyped("kiln.jit.options", [] { return String(OptionTableAsJson()); });
  GlobalFunction::RegisterTyped("kiln.jit.doctor", [] { return String(DoctorReport()); });
  GlobalFunction::RegisterTyped("kiln.jit.preload", [] { DefaultSession().Preload(); });
  GlobalFunction::RegisterTyped("kiln.jit.stats", &StatsFromAbi);
  GlobalFunction::RegisterTyped("kiln.jit.describe_address", &DescribeCode);
  RegisterTryRun();
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
