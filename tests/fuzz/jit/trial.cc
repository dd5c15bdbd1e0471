#include "tests/fuzz/jit/trial.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>

#include "jit/artifact/utf8.h"
#include "jit/link/code_memory.h"
#include "jit/threads/compile_threads.h"
#include "jit/threads/crash_guard.h"
#include "tests/fuzz/jit/process_state.h"

namespace kiln::fuzz {
namespace {

using jit::Artifact;
using jit::CodeMemory;
using jit::Language;
using jit::LinkInputs;
using jit::LoadedImage;
using jit::Request;
using Image = std::shared_ptr<LoadedImage>;

constexpr std::string_view kKinds[] = {"CompileError", "LinkError",    "ValueError",
                                       "KeyError",     "RuntimeError", "TypeError"};
constexpr const char kCrashWords[] = "could not go on: ";
constexpr size_t kInputsBetweenChecks = 64;
constexpr size_t kInputsBetweenLines = 4096;
// Caches are filled, and threads started, by then.
constexpr size_t kWarmInputs = 1024;

struct Counts {
  size_t inputs = 0;
  size_t images = 0;
  size_t errors = 0;
  size_t crashes = 0;
  size_t checks = 0;
};
Counts counts;

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "kiln: a promise is broken: %s\n", what.c_str());
  std::fflush(stderr);
  std::abort();
}

// What was linked, and as what.
struct Linked {
  std::shared_ptr<const Artifact> artifact;
  Image image;
};

Image LinkGuarded(const Artifact& artifact, LinkInputs inputs) {
  Image image;
  const std::optional<jit::Crash> crash =
      jit::RunGuarded([&] { image = jit::DefaultSession().Link(artifact, std::move(inputs)); });
  if (crash) {
    throw Error("LinkError", "LLVM " + std::string(kCrashWords) + crash->reason);
  }
  return image;
}

Linked CompileAndLink(const Request& request, Image first) {
  jit::CompileReport report;
  Linked linked{jit::DefaultSession().CompileOnly(request, &report), nullptr};
  // Warnings are told in UTF-8, whatever they were.
  Artifact expected = *linked.artifact;
  expected.warnings = jit::DiagnosticsFromJson(jit::ToJson(expected.warnings));
  if (jit::ParseArtifact(jit::Serialize(*linked.artifact), "the artifact") != expected) {
    Fail("an artifact is another one after it was written and read");
  }
  LinkInputs inputs;
  inputs.symbols = request.options.symbols;
  inputs.run_constructors = false;
  inputs.state_of = std::move(first);
  inputs.keep_hidden = request.options.quick_tier;
  linked.image = LinkGuarded(*linked.artifact, std::move(inputs));
  return linked;
}

// With tiers, where the options ask for them.
void CompileAndUse(Request request) {
  const bool is_tiered = request.options.opt == "auto" && request.options.opt_level >= 2;
  request.options.share_variables = is_tiered;
  request.options.quick_tier = is_tiered;
  const Linked first = CompileAndLink(request, nullptr);
  Linked second;
  if (is_tiered) {
    request.options.quick_tier = false;
    second = CompileAndLink(request, first.image);
  }
  for (const std::string_view name : first.image->names()) {
    if (first.image->Find(name) == nullptr) Fail("an image has a name that it does not find");
  }
  // Whoever throws has libgcc look at the unwind tables of all images.
  try {
    throw std::runtime_error("thrown");
  } catch (const std::runtime_error&) {
  }
}

void CheckError(const Error& error) {
  const std::string shown = std::string(error.kind()) + ": " + std::string(error.message());
  if (std::find(std::begin(kKinds), std::end(kKinds), error.kind()) == std::end(kKinds)) {
    Fail("an error has an unknown kind: " + shown);
  }
  if (error.message().empty()) Fail("an error has no message: " + shown);
  const ObjectRef context = error.extra_context();
  if (error.kind() != "CompileError" || context.get() == nullptr) return;
  if (TVMFFIObjectGetTypeIndex(context.handle()) != kTVMFFIStr) {
    Fail("the diagnostics of an error are no string: " + shown);
  }
  const std::string_view json = details::ViewOf(*TVMFFIBytesGetByteArrayPtr(context.handle()));
  if (!jit::IsUtf8(json)) Fail("the diagnostics of an error are not UTF-8: " + std::string(json));
  try {
    if (jit::DiagnosticsFromJson(json).empty()) Fail("an error has no diagnostics: " + shown);
  } catch (const std::exception& fault) {
    Fail("the diagnostics of an error can't be read (" + std::string(fault.what()) + "): " + shown);
  }
}

// Keeps the input of a crash that was survived where the environment says so, to look at.
void KeepCrash(std::string_view bytes) {
  const char* const folder = std::getenv("KILN_FUZZ_SURVIVED");
  if (folder == nullptr || counts.crashes > 300) return;
  std::ofstream(std::filesystem::path(folder) /
                    ("survived-" + std::to_string(getpid()) + "-" + std::to_string(counts.crashes)),
                std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Runs on a compile thread.
Trial TryHere(InputKind kind, std::string_view bytes) {
  try {
    CompileAndUse(RequestOf(kind, bytes));
    return {};
  } catch (const Error& error) {
    CheckError(error);
    const bool is_crash = error.message().find(kCrashWords) != std::string_view::npos;
    return {is_crash ? Outcome::kCrash : Outcome::kError, error.what()};
  } catch (const std::exception& foreign) {
    Fail(std::string("an exception that is no kiln::Error: ") + foreign.what());
  }
}

// A source whose code is known.
struct GoodSource {
  jit::Source source;
  std::string objects;  // as it was compiled first
};

GoodSource good_sources[] = {
    {{Language::kC, "good.c",
      "#include <math.h>\n"
      "static double half(double x) { return sqrt(x) / 2; }\n"
      "int good(int n) { double s = 0; for (int i = 0; i < n; ++i) s += half(i * 4.0 * i);\n"
      "  return (int)s; }\n"},
     ""},
    {{Language::kCxx, "good.cc",
      "template <int N> struct Sum { static int of(int n) { return n + Sum<N - 1>::of(n - 1); } "
      "};\n"
      "template <> struct Sum<0> { static int of(int) { return 0; } };\n"
      "extern \"C\" int good(int n) { return Sum<3>::of(n) + n * n / 2 - 5 * n + 18; }\n"},
     ""},
    {{Language::kLlvmIr, "good.ll",
      "define i32 @good(i32 %n) {\n  %m = sub i32 %n, 1\n  %p = mul i32 %n, %m\n"
      "  %h = sdiv i32 %p, 2\n  ret i32 %h\n}\n"},
     ""},
};

void CheckGoodSources() {
  constexpr int kNumber = 10;
  constexpr int kAnswer = kNumber * (kNumber - 1) / 2;
  for (GoodSource& good : good_sources) {
    try {
      Request request;
      request.sources = {good.source};
      jit::CompileReport report;
      const auto artifact = jit::DefaultSession().CompileOnly(request, &report);
      std::string objects;
      for (const std::string& object : artifact->objects) objects += object;
      if (good.objects.empty()) good.objects = objects;
      if (objects != good.objects)
        Fail(good.source.name + " is compiled to other code than before");
      const Image image = LinkGuarded(*artifact, {});
      const auto function = reinterpret_cast<int (*)(int)>(image->Find("good"));
      const int answer = function(kNumber);
      if (answer != kAnswer) Fail(good.source.name + " gives " + std::to_string(answer));
    } catch (const Error& error) {
      Fail(good.source.name + " is no longer compiled: " + error.what());
    }
  }
}

}  // namespace

void CheckAftermath() {
  ++counts.checks;
  const size_t before = CodeMemory::OfProcess().bytes_in_use();
  jit::CompileThreads::Global().Run(CheckGoodSources);
  if (CodeMemory::OfProcess().bytes_in_use() != before) Fail("an image's memory did not come back");
  if (counts.inputs < kWarmInputs) return;
  static const ProcessState kWarm = ProcessState::Here();
  static const size_t kCrashesBefore = counts.crashes;
  const std::string leak =
      LeakBetween(kWarm, ProcessState::Here(), counts.crashes - kCrashesBefore);
  if (!leak.empty()) Fail(leak);
}

Trial TryInput(InputKind kind, std::string_view bytes) {
  if (counts.inputs == 0) CheckAftermath();
  ++counts.inputs;
  const size_t before = CodeMemory::OfProcess().bytes_in_use();
  Trial trial;
  jit::CompileThreads::Global().Run([&] { trial = TryHere(kind, bytes); });
  const bool is_crash = trial.outcome == Outcome::kCrash;
  if (trial.outcome == Outcome::kImage) ++counts.images;
  if (trial.outcome == Outcome::kError) ++counts.errors;
  if (is_crash) {
    ++counts.crashes;
    KeepCrash(bytes);
  } else if (CodeMemory::OfProcess().bytes_in_use() != before) {
    Fail("an image's memory did not come back");
  }
  if (is_crash || counts.inputs % kInputsBetweenChecks == 0) CheckAftermath();
  if (counts.inputs % kInputsBetweenLines == 0) {
    std::fprintf(stderr, "kiln: %s\n", TrialsInWords().c_str());
  }
  return trial;
}

std::string TrialsInWords() {
  return std::to_string(counts.inputs) + " inputs: " + std::to_string(counts.images) + " images, " +
         std::to_string(counts.errors) + " errors, " + std::to_string(counts.crashes) +
         " crashes survived; " + std::to_string(counts.checks) + " checks of what was left; " +
         std::to_string(ProcessState::Here().resident_mb) + " MB";
}

}  // namespace kiln::fuzz
