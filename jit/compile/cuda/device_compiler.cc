#include "jit/compile/cuda/device_compiler.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "jit/compile/crash_error.h"
#include "jit/compile/cuda/cuda_include_dirs.h"
#include "jit/compile/cuda/device_architecture.h"
#include "jit/compile/cuda/device_headers.h"
#include "jit/compile/cuda/device_pch.h"
#include "jit/compile/cuda/nvrtc.h"
#include "jit/compile/cuda/nvrtc_log.h"
#include "jit/compile/cuda/ptx_lines.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

// What all architectures of one compile share.
struct Job {
  const Nvrtc& nvrtc;
  const DeviceSource& source;
  NvrtcProgram::Headers headers;
  std::vector<std::string> options;
  CudaIncludeDirs include_dirs;
};

// What the compile for one architecture gives.
struct Outcome {
  DeviceImage image;
  std::map<std::string, std::string> lowered_names;
  std::vector<Diagnostic> diagnostics;
  std::exception_ptr error;  // any but a CompileError
};

std::vector<std::string> OptionsFor(const Job& job, const DeviceImage& image) {
  std::vector<std::string> options = ArchitectureOptions(image);
  options.insert(options.end(), job.options.begin(), job.options.end());
  return options;
}

void CheckNames(const DeviceSource& source) {
  std::error_code ignored;
  for (const std::string& folder : source.include_dirs) {
    if (std::filesystem::is_directory(folder, ignored)) continue;
    throw kiln::Error("ValueError", "include_dirs: '" + folder + "' is not a directory");
  }
}

std::string CodeOf(const NvrtcProgram& program, DeviceImage::Form form) {
  switch (form) {
    case DeviceImage::Form::kCubin:
      return program.Cubin();
    case DeviceImage::Form::kPtx:
      return program.Ptx();
    case DeviceImage::Form::kLtoIr:
      return program.LtoIr();
  }
  return {};
}

// NVRTC's own words for an option that it refuses: "nvrtc: error: unrecognized option --foo found".
[[noreturn]] void RefuseOptions(const Job& job, std::string log, const DeviceImage& image) {
  while (log.ends_with('\n')) log.pop_back();
  if (log.find("gpu-architecture") != std::string::npos ||
      log.find("nv_arch") != std::string::npos) {
    RefuseArchitecture(job.nvrtc, ArchitectureName(image));
  }
  throw kiln::Error("ValueError",
                    "nvrtc_flags: NVRTC " + job.nvrtc.Version() + " says '" + log + "'");
}

std::unique_ptr<NvrtcProgram> MakeProgram(const Job& job) {
  auto program =
      std::make_unique<NvrtcProgram>(job.nvrtc, job.source.name, job.source.text, job.headers);
  for (const std::string& name : job.source.name_expressions) program->AddNameExpression(name);
  return program;
}

// The assembler's messages are about PTX. Compiles once more, with line information, to find what
// they mean in the source.
std::vector<Diagnostic> LocatedMessages(const Job& job, const DeviceImage& image) {
  const std::unique_ptr<NvrtcProgram> program = MakeProgram(job);
  std::vector<std::string> options = OptionsFor(job, image);
  const auto has = [&](std::string_view word) {
    return std::find(options.begin(), options.end(), word) != options.end();
  };
  if (!has("--device-debug") && !has("--generate-line-info")) {
    options.emplace_back("--generate-line-info");
  }
  program->Compile(options);
  std::vector<Diagnostic> diagnostics = ParseNvrtcLog(program->Log(), job.source.name);
  LocatePtx(program->Ptx(), job.source, &diagnostics);
  return diagnostics;
}

bool IsAssemblerError(const Diagnostic& diagnostic) {
  return diagnostic.option == "ptxas" && diagnostic.severity >= Severity::kError;
}

// What the assembler says last, whatever it found, tells nothing.
void DropClosingWords(std::vector<Diagnostic>* diagnostics) {
  const auto is_closing = [](const Diagnostic& d) {
    return IsAssemblerError(d) && d.message.starts_with("Ptx assembly aborted");
  };
  const auto errors = std::count_if(diagnostics->begin(), diagnostics->end(), IsAssemblerError);
  if (errors > 1) std::erase_if(*diagnostics, is_closing);
}

// Says what to install for each header that was not found.
void ExplainMissingHeaders(const Job& job, std::vector<Diagnostic>* diagnostics) {
  for (Diagnostic& diagnostic : *diagnostics) {
    const std::string& message = diagnostic.message;
    if (message.find("open source file") == std::string::npos) continue;
    const size_t open = message.find('"');
    const size_t close = message.find('"', open + 1);
    if (close == std::string::npos) continue;
    const std::string name = message.substr(open + 1, close - open - 1);
    Diagnostic note;
    note.severity = Severity::kNote;
    note.message = WhereToGet(name, job.nvrtc.major());
    if (note.message.empty()) continue;
    note.message += "; looked in";
    for (const std::string& folder : job.include_dirs.looked_at) note.message += "\n  " + folder;
    diagnostic.notes.push_back(std::move(note));
  }
}

// Warnings about headers that are not the user's are left out, as other compilers do.
void DropForeignWarnings(const Job& job, std::vector<Diagnostic>* diagnostics) {
  std::erase_if(*diagnostics, [&](const Diagnostic& diagnostic) {
    return diagnostic.severity < Severity::kError &&
           IsSystemHeader(diagnostic.file, job.source, job.include_dirs.folders);
  });
}

// A program after its compile.
struct Compiled {
  std::unique_ptr<NvrtcProgram> program;
  int result = NvrtcProgram::kSuccess;
  std::string log;
  std::vector<Diagnostic> diagnostics;
};

Compiled CompileOnce(const Job& job, const std::vector<std::string>& options) {
  Compiled compiled;
  compiled.program = MakeProgram(job);
  const std::optional<Crash> crash =
      RunGuarded([&] { compiled.result = compiled.program->Compile(options); });
  if (crash) throw CrashErrorOf(job.source.name, "NVRTC " + job.nvrtc.Version(), *crash);
  compiled.log = compiled.program->Log();
  compiled.diagnostics = ParseNvrtcLog(WithoutPchLines(compiled.log), job.source.name);
  DropForeignWarnings(job, &compiled.diagnostics);
  return compiled;
}

// Compiles with the headers that were parsed before, where that pays.
Compiled CompileFast(const Job& job, const DeviceImage& image) {
  const std::vector<std::string> options = OptionsFor(job, image);
  const std::optional<std::string> key =
      PchKey(job.nvrtc, job.source, options, job.include_dirs.folders);
  if (!key) return CompileOnce(job, options);
  PchLease lease(job.nvrtc, *key);
  std::vector<std::string> more = options;
  more.insert(more.end(), lease.options().begin(), lease.options().end());
  Compiled compiled = CompileOnce(job, more);
  std::vector<Diagnostic> of_headers = ParseNvrtcLog(LogOfHeaders(compiled.log), job.source.name);
  DropForeignWarnings(job, &of_headers);
  return lease.Finish(*compiled.program, compiled.log, of_headers.empty())
             ? std::move(compiled)
             : CompileOnce(job, options);
}

void Compile(const Job& job, Outcome* outcome) {
  const auto [program, result, log, diagnostics] = CompileFast(job, outcome->image);
  if (result == NvrtcProgram::kInvalidOption || log.find("nv_arch flag") != std::string::npos) {
    RefuseOptions(job, log, outcome->image);
  }
  outcome->diagnostics = diagnostics;
  if (result == NvrtcProgram::kSuccess) {
    LocatePtx("", job.source, &outcome->diagnostics);
    outcome->image.code = CodeOf(*program, outcome->image.form);
    for (const std::string& name : job.source.name_expressions) {
      if (std::optional<std::string> lowered = program->LoweredName(name)) {
        outcome->lowered_names[name] = *std::move(lowered);
      }
    }
    return;
  }
  if (std::any_of(diagnostics.begin(), diagnostics.end(), IsAssemblerError)) {
    outcome->diagnostics = LocatedMessages(job, outcome->image);
    DropForeignWarnings(job, &outcome->diagnostics);
  }
  DropClosingWords(&outcome->diagnostics);
  ExplainMissingHeaders(job, &outcome->diagnostics);
  if (HasError(outcome->diagnostics)) return;
  Diagnostic unknown;
  unknown.file = job.source.name;
  unknown.message = "NVRTC " + job.nvrtc.Version() + " gives up" + (log.empty() ? "" : ": " + log);
  outcome->diagnostics.push_back(std::move(unknown));
}

void CompileAll(const Job& job, std::vector<Outcome>* outcomes) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < outcomes->size(); i = next++) {
      Outcome& outcome = (*outcomes)[i];
      try {
        Compile(job, &outcome);
      } catch (...) {
        outcome.error = std::current_exception();
      }
    }
  };
  const size_t processors = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::jthread> threads;
  for (size_t i = 1; i < std::min(processors, outcomes->size()); ++i) threads.emplace_back(work);
  work();
}

// Every message once. One of the assembler's that not all architectures have names those that do.
std::vector<Diagnostic> Merged(const std::vector<Outcome>& outcomes) {
  struct Message {
    Diagnostic diagnostic;
    std::vector<std::string> architectures;
  };
  std::vector<Message> messages;
  for (const Outcome& outcome : outcomes) {
    for (const Diagnostic& diagnostic : outcome.diagnostics) {
      auto same = std::find_if(messages.begin(), messages.end(), [&](const Message& message) {
        return message.diagnostic == diagnostic;
      });
      if (same == messages.end()) same = messages.insert(same, {diagnostic, {}});
      same->architectures.push_back(ArchitectureName(outcome.image));
    }
  }
  std::vector<Diagnostic> merged;
  for (Message& message : messages) {
    if (message.diagnostic.option == "ptxas" && message.architectures.size() < outcomes.size()) {
      for (const std::string& name : message.architectures) {
        message.diagnostic.message +=
            (name == message.architectures.front() ? " (for " : ", ") + name;
      }
      message.diagnostic.message += ")";
    }
    merged.push_back(std::move(message.diagnostic));
  }
  return merged;
}

}  // namespace

DeviceCode CompileDevice(const DeviceSource& source, const DeviceOptions& options) {
  CheckNames(source);
  const Nvrtc& nvrtc = OpenNvrtc(options.site_packages);
  if (options.architectures.empty()) {
    throw kiln::Error("ValueError",
                      "cuda_archs must name at least one, such as 'sm_90'; there is no default");
  }
  std::vector<Outcome> outcomes;
  for (const std::string& name : options.architectures) {
    outcomes.emplace_back().image = ImageFor(nvrtc, name);
  }
  Job job{nvrtc,
          source,
          {},
          NvrtcOptions(nvrtc, source, options),
          FindCudaIncludeDirs(nvrtc, options.site_packages)};
  job.headers = DeviceHeaders(source, job.include_dirs.folders);
  for (const std::string& folder : source.include_dirs) job.options.push_back("-I" + folder);
  for (const std::string& folder : job.include_dirs.folders) job.options.push_back("-I" + folder);

  CompileAll(job, &outcomes);
  for (const Outcome& outcome : outcomes) {
    if (outcome.error) std::rethrow_exception(outcome.error);
  }
  DeviceCode code;
  code.diagnostics = Merged(outcomes);
  if (HasError(code.diagnostics)) throw CompileErrorOf(source.name, code.diagnostics);
  code.lowered_names = outcomes.front().lowered_names;
  for (Outcome& outcome : outcomes) {
    if (outcome.lowered_names != code.lowered_names) {
      throw kiln::Error("RuntimeError", "NVRTC " + nvrtc.Version() + " names the kernels of " +
                                            source.name +
                                            " differently for each architecture; compile it for "
                                            "one at a time");
    }
    code.images.push_back(std::move(outcome.image));
  }
  return code;
}

}  // namespace kiln::jit
