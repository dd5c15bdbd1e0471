#include "jit/session.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <string>
#include <utility>

#include "jit/artifact/nearest_name.h"
#include "jit/compile/compile_safely.h"
#include "jit/compile/llvm/fatal_errors.h"
#include "jit/compile/llvm/support_code.h"
#include "jit/device/cuda/find_driver.h"
#include "jit/device/runtime_api.h"
#include "jit/log.h"
#include "jit/module.h"
#include "jit/stats.h"
#include "jit/threads/cancellation.h"
#include "jit/threads/crash_guard.h"
#include "jit/trace.h"
#include "kiln/registry.h"

namespace kiln::jit {
namespace {

std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text.empty() ? "nothing" : text;
}

// Keeps the first of equal names.
void DropRepeated(std::vector<std::string>* names) {
  std::vector<std::string> kept;
  for (std::string& name : *names) {
    if (std::find(kept.begin(), kept.end(), name) == kept.end()) kept.push_back(std::move(name));
  }
  *names = std::move(kept);
}

// Throws KeyError where a function that is to be exported is in none of the sources, whose
// functions are `defined`.
void CheckExports(const CompileOptions& options, const Artifact& whole,
                  const std::vector<std::string>& defined) {
  if (options.exports.size() == 1 && options.exports[0] == "all") return;
  for (const std::string& name : options.exports) {
    if (std::find(whole.exports.begin(), whole.exports.end(), name) != whole.exports.end()) {
      continue;
    }
    const std::vector<std::string_view> known(defined.begin(), defined.end());
    throw Error("KeyError", "exports: '" + whole.name + "' defines no function '" + name + "'" +
                                DidYouMean(name, known) +
                                (known.empty() ? "" : " It defines: " + Join(defined)));
  }
}

// Whether there is something to gain by a second compile: sources that are compiled for the host,
// at a level that takes its time.
bool IsTiered(const Request& request) {
  const CompileOptions& options = request.options;
  if (options.opt != "auto" || options.opt_level < 2) return false;
  // Both need the whole of the optimiser.
  if (options.remarks || !options.sanitize.empty()) return false;
  return std::all_of(request.sources.begin(), request.sources.end(), [](const Source& source) {
    return source.language != Language::kCuda && source.language != Language::kObject &&
           source.language != Language::kArchive;
  });
}

// What messages call the module of a request.
std::string NameOf(const Request& request) {
  std::string name;
  for (const Source& source : request.sources) name += (name.empty() ? "" : " + ") + source.name;
  return name;
}

// Counts a compile by the way that it ends.
class Counted {
 public:
  Counted() = default;
  ~Counted() {
    if (std::uncaught_exceptions() == exceptions_) {
      ++TheStats().compiles;
    } else if (HeedCancellation::IsCancelled()) {
      ++TheStats().cancelled;
    } else {
      ++TheStats().failures;
    }
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  const int exceptions_ = std::uncaught_exceptions();
};

// What compiled code may use of this library and, where it tells which tensors are read-only, of
// the runtime.
AddressMap EngineSymbols() {
  AddressMap symbols;
  for (const auto& group : {SupportSymbols(), HandlerSymbols(), RuntimeSymbols()}) {
    for (const auto& [name, address] : group) {
      symbols.emplace(name, reinterpret_cast<uint64_t>(address));
    }
  }
  if (const auto deleter = GlobalFunction::Find("kiln.read_only_tensor_deleter")) {
    symbols.emplace("kiln_read_only_tensor_deleter",
                    reinterpret_cast<uint64_t>((*deleter)().cast<void*>()));
  }
  return symbols;
}

// The architectures of this machine's GPUs, each once: "sm_90". Asked for once.
const std::vector<std::string>& ArchitecturesHere() {
  static const auto* const kHere = [] {
    auto* here = new std::vector<std::string>();
    for (const GpuDescription& gpu : FindDriver().gpus) {
      std::string name = "sm_" + gpu.compute_capability;
      std::erase(name, '.');
      here->push_back(std::move(name));
    }
    DropRepeated(here);
    return here;
  }();
  return *kHere;
}

}  // namespace

Session::Session() : linker_(Linker::Create(EngineSymbols())) {
  compilers_.push_back(MakeClangCompiler());
  compilers_.push_back(MakeCudaCompiler());
  compilers_.push_back(MakeLlvmCompiler());
  compilers_.push_back(MakeObjectCompiler());
}

std::shared_ptr<const Artifact> Session::CompileOnly(const Request& request,
                                                     CompileReport* report) {
  std::shared_ptr<RunningCompiles::Run> run = request.run;
  if (run == nullptr) run = running_.Join(KeyOf(request.sources, request.options));
  return running_.Get(run, [&] {
    const Counted counted;
    const TraceScope trace("compile", NameOf(request));
    return CompileAlone(request, report);
  });
}

Artifact Session::CompileAlone(const Request& request, CompileReport* report) const {
  if (request.sources.empty()) throw Error("ValueError", "there is no source to compile");
  std::vector<Language> languages;
  for (const Source& source : request.sources) {
    CheckSource(source);
    languages.push_back(source.language);
  }
  CheckOptions(request.options, languages);
  if (request.options.isolate == "process") {
    return workers_->Compile(request.sources, request.options, report, HeedCancellation::Current());
  }
  std::vector<Artifact> parts;
  std::vector<std::string> defined;
  for (const Source& source : request.sources) {
    report->missing_exports.clear();
    report->defined_functions.clear();
    parts.push_back(CompileSafely(*CompilerFor(source.language), source, request.options, report));
    std::move(report->defined_functions.begin(), report->defined_functions.end(),
              std::back_inserter(defined));
  }
  KeepNeededMembers(&parts);
  Artifact whole = Combine(std::move(parts));
  CheckExports(request.options, whole, defined);
  for (const std::string& library : request.options.libraries) {
    std::vector<std::string>& known = whole.libraries;
    if (std::find(known.begin(), known.end(), library) == known.end()) known.push_back(library);
  }
  return whole;
}

Module Session::Compile(Request request) {
  Accept(&request);
  Made made;
  CompileThreads::Global().Run([&] { made = Make(std::move(request)); });
  return Finish(std::move(made));
}

std::shared_ptr<CompileJob> Session::Submit(Request request, Priority priority) {
  Accept(&request);
  std::string name = NameOf(request);
  // A function must be one that can be copied.
  const auto kept = std::make_shared<Request>(std::move(request));
  return CompileJob::Submit(std::move(name), priority,
                            [this, kept] { return Finish(Make(std::move(*kept))); });
}

void Session::Accept(Request* request) {
  CompileOptions& options = request->options;
  DropRepeated(&options.exports);
  const bool has_cuda = std::any_of(request->sources.begin(), request->sources.end(),
                                    [](const Source& s) { return s.language == Language::kCuda; });
  if (has_cuda && options.cuda_archs.empty()) options.cuda_archs = ArchitecturesHere();
  options.quick_tier = options.share_variables = IsTiered(*request);
  request->run = running_.Join(KeyOf(request->sources, options));
}

Session::Made Session::Make(Request request) {
  Made made;
  made.is_tiered = request.options.quick_tier;
  try {
    made.code = LinkedCode(request, /*first=*/nullptr);
  } catch (const Error& error) {
    // What the optimiser would have removed may refer to symbols that nobody has.
    if (!made.is_tiered || error.kind() != "LinkError") throw;
    made.is_tiered = false;
    request.options.quick_tier = request.options.share_variables = false;
    request.run = nullptr;
    made.code = LinkedCode(request, /*first=*/nullptr);
  }
  request.options.quick_tier = false;
  request.run = nullptr;
  made.request = std::make_shared<Request>(std::move(request));
  return made;
}

Module Session::Finish(Made made) {
  made.code.image->RunConstructors();
  std::shared_ptr<const Origin> origin = OriginOf(*made.request);
  if (!made.is_tiered) return JitModule::Make(std::move(made.code), std::move(origin));
  auto tiers = std::make_shared<TieredCode>(std::move(made.code));
  tiers->Improve([this, request = made.request](const LoadedCode& first) {
    return LinkedCode(*request, first.image);
  });
  return JitModule::Make(std::move(tiers), std::move(origin));
}

LoadedCode Session::LinkedCode(const Request& request, std::shared_ptr<LoadedImage> first) {
  LinkInputs inputs;
  inputs.symbols = request.options.symbols;
  inputs.run_constructors = false;
  inputs.state_of = std::move(first);
  inputs.keep_hidden = request.options.quick_tier;
  for (const Module& module : request.link) inputs.images.push_back(JitModule::ImageOf(module));
  CompileReport report;
  LoadedCode code;
  code.artifact = CompileOnly(request, &report);
  {
    const PhaseTimer timer(&report.times, "link");
    code.image = LinkSafely(*code.artifact, std::move(inputs));
  }
  for (const PhaseTimes::Phase& phase : report.times.phases()) {
    TheStats().AddPhase(phase.name, phase.time);
  }
  if (LogEnabled(LogLevel::kInfo)) {
    Log(LogLevel::kInfo,
        "compiled " + code.artifact->name + " (" +
            std::string(LanguageName(code.artifact->language)) + ", " +
            (request.options.quick_tier ? std::string("first tier")
                                        : "O" + std::to_string(request.options.opt_level)) +
            ", " + code.artifact->cpu + "): " + report.times.ToString() + "; exports " +
            Join(code.artifact->exports));
  }
  return code;
}

std::shared_ptr<LoadedImage> Session::LinkSafely(const Artifact& artifact, LinkInputs inputs) {
  std::shared_ptr<LoadedImage> image;
  const std::optional<Crash> crash =
      RunGuarded([&] { image = linker_->Link(artifact, std::move(inputs)); });
  if (!crash) {
    ++TheStats().links;
    return image;
  }
  ++TheStats().crashes;
  throw Error("LinkError",
              "the objects of '" + artifact.name + "' brought the linker down: " + crash->reason);
}

std::shared_ptr<LoadedImage> Session::Link(const Artifact& artifact, LinkInputs inputs) {
  return linker_->Link(artifact, std::move(inputs));
}

Module Session::Load(Artifact artifact) {
  SurviveFatalErrors();
  LinkInputs inputs;
  inputs.run_constructors = false;
  std::shared_ptr<LoadedImage> image = LinkSafely(artifact, std::move(inputs));
  image->RunConstructors();
  return JitModule::Make({std::make_shared<Artifact>(std::move(artifact)), std::move(image)},
                         /*origin=*/nullptr);
}

void Session::Preload() {
  Request request;
  request.sources.push_back(
      {Language::kC, "preload.c", "int kiln_preload(int x) { return x + 1; }"});
  request.options.exports = {"kiln_preload"};
  request.options.opt = "auto";
  Submit(std::move(request), Priority::kQueue);
}

std::shared_ptr<const Origin> Session::OriginOf(Request request) const {
  std::vector<Origin::Part> parts;
  for (Source& source : request.sources) {
    const Language language = source.language;
    parts.push_back({std::move(source), CompilerFor(language)});
  }
  return std::make_shared<Origin>(std::move(parts), std::move(request.options));
}

std::shared_ptr<const Compiler> Session::CompilerFor(Language language) const {
  for (const std::shared_ptr<const Compiler>& compiler : compilers_) {
    const std::span<const Language> languages = compiler->languages();
    if (std::find(languages.begin(), languages.end(), language) != languages.end()) {
      return compiler;
    }
  }
  throw Error("ValueError",
              "no compiler takes language '" + std::string(LanguageName(language)) + "'");
}

Session& DefaultSession() {
  static auto* const session = new Session();
  return *session;
}

}  // namespace kiln::jit
