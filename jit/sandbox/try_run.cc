#include "jit/sandbox/try_run.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "jit/sandbox/crash_report.h"
#include "jit/sandbox/run_request.h"
#include "jit/sandbox/shared_tensors.h"
#include "jit/sandbox/system_calls.h"
#include "jit/sandbox/value_format.h"
#include "jit/worker/child_process.h"
#include "jit/worker/error_format.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr size_t kKeptOutput = 1 << 20;
constexpr uint64_t kLongestAnswer = uint64_t{1} << 30;
constexpr uint64_t kAnswerBesides = uint64_t{16} << 20;
// How long a process that is to be stopped may take to say where it is.
constexpr int kReportMs = 300;

std::string Hex(uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string SignalName(int number) {
  const char* const name = sigabbrev_np(number);
  return name == nullptr ? "" : std::string("SIG") + name;
}

const char* PhaseKey(RunPhase phase) {
  switch (phase) {
    case RunPhase::kCompile:
      return "compile";
    case RunPhase::kLink:
      return "link";
    case RunPhase::kConstructors:
      return "constructors";
    case RunPhase::kCall:
      return "call";
  }
  return "call";
}

// " in 'f' (k.c:3)", as far as it is known.
std::string WhereText(const CrashReport& report) {
  std::string text;
  if (!report.function.empty()) text = " in '" + report.function + "'";
  if (report.line != 0) return text + " (" + report.file + ":" + std::to_string(report.line) + ")";
  if (!report.function.empty()) text += " at +" + Hex(report.offset);
  return text;
}

// What is known of a signal, in words: "a write to memory" can't be told from a read here.
std::string CauseText(const CrashReport& report) {
  if (report.stack_overflow) return "its stack overflowed: SIGSEGV";
  std::string name = SignalName(report.signal);
  switch (report.signal) {
    case SIGSEGV:
    case SIGBUS:
      return name + (report.has_address
                         ? ": it touched memory at " + Hex(report.address) + ", which it may not"
                         : ": it touched memory that it may not");
    case SIGFPE:
      return name + ": it divided an integer by zero, or the result does not fit";
    case SIGILL:
    case SIGTRAP:
      return name + ": it came to an instruction that stops it, such as __builtin_trap()";
    case SIGABRT:
      return name + ": it called abort()";
    default:
      return name;
  }
}

// The outcome of a run, as it is filled in.
class Outcome {
 public:
  Outcome() {
    for (const char* text : {"kind", "message", "backtrace", "context", "signal_name", "function",
                             "file", "syscall"}) {
      Set(text, String());
    }
    for (const char* none : {"result", "exit_code", "address"}) Set(none, Any());
    for (const char* number : {"signal", "line"}) Set(number, int64_t{0});
    Set("status", String("ok"));
    Set("phase", String("call"));
  }

  void Set(const char* key, const Any& value) { map_.Set(String(key), value); }

  void Fail(const char* status, const char* kind, const std::string& message) {
    Set("status", String(status));
    Set("kind", String(kind));
    Set("message", String(message));
  }
  void SetPhase(RunPhase phase) { Set("phase", String(PhaseKey(phase))); }
  void SetPlace(const CrashReport& report) {
    SetPhase(report.phase);
    Set("function", String(report.function));
    Set("file", String(report.file));
    Set("line", static_cast<int64_t>(report.line));
  }
  void SetSignal(int number) {
    Set("signal", static_cast<int64_t>(number));
    Set("signal_name", String(SignalName(number)));
  }

  Map<String, Any> Take() { return std::move(map_); }

 private:
  Map<String, Any> map_;
};

// Fills an outcome from what the process said and how it ended.
class Reader {
 public:
  Reader(const TryRunRequest& request, Outcome* outcome) : request_(request), outcome_(outcome) {}

  // True where the call went well.
  bool ReadAnswer(const std::string& answer) {
    ByteReader reader(answer, "the answer of the process");
    switch (static_cast<RunAnswer>(reader.Integer())) {
      case RunAnswer::kResult: {
        const Any result = GetResult(&reader);
        reader.End();
        outcome_->Set("result", result);
        return true;
      }
      case RunAnswer::kError: {
        outcome_->SetPhase(static_cast<RunPhase>(reader.Integer()));
        SetError(GetError(&reader));
        return false;
      }
      case RunAnswer::kCrash:
        SetCrash(GetCrashReport(&reader));
        return false;
    }
    reader.Refuse("it is no result, no error and no report");
  }

  void SetTimeout(const std::string& report_bytes) {
    std::string where;
    if (!report_bytes.empty()) {
      ByteReader reader(report_bytes, "the report of the process");
      if (static_cast<RunAnswer>(reader.Integer()) == RunAnswer::kCrash) {
        const CrashReport report = GetCrashReport(&reader);
        outcome_->SetPlace(report);
        where = WhereText(report);
        if (report.phase != RunPhase::kCall)
          where += std::string(" while ") + PhaseName(report.phase);
      }
    }
    outcome_->Fail("timeout", "TimeoutError",
                   Name() + " did not end within timeout_ms = " +
                       std::to_string(request_.timeout_ms) + " and was stopped" + where);
  }

  void SetDeath(const Death& death, const std::string& errors) {
    if (death.exit_code == kExitOutOfMemory || (death.signal == SIGABRT && RanOut(errors))) {
      return SetMemory("");
    }
    outcome_->SetSignal(death.signal);
    if (death.exit_code) outcome_->Set("exit_code", static_cast<int64_t>(*death.exit_code));
    outcome_->Fail(
        "died", "RuntimeError",
        "the process that ran " + Name() + " " + death.ToString() + " before it had returned");
  }

  void SetMalformed(const kiln::Error& error) {
    outcome_->Fail("died", "RuntimeError",
                   Name() + " broke its process: " + std::string(error.message()));
  }

 private:
  std::string Name() const { return "'" + request_.function + "'"; }

  static bool RanOut(const std::string& errors) {
    return errors.find("out of memory") != errors.npos ||
           errors.find("std::bad_alloc") != errors.npos;
  }

  void SetMemory(const std::string& where) {
    const int limit = request_.max_memory_mb;
    outcome_->Fail("memory", "MemoryError",
                   Name() +
                       (limit == 0 ? " ran out of memory"
                                   : " needs more than max_memory_mb = " + std::to_string(limit)) +
                       " and was stopped" + where);
  }

  void SetError(const kiln::Error& error) {
    outcome_->Fail("error", std::string(error.kind()).c_str(), std::string(error.message()));
    outcome_->Set("backtrace", String(error.backtrace()));
    const ObjectRef context = error.extra_context();
    if (context.get() != nullptr) outcome_->Set("context", context);
    if (error.kind() == "MemoryError") outcome_->Set("status", String("memory"));
  }

  void SetCrash(const CrashReport& report) {
    outcome_->SetPlace(report);
    outcome_->SetSignal(report.signal);
    const std::string where =
        WhereText(report) +
        (report.phase == RunPhase::kCall ? "" : std::string(" while ") + PhaseName(report.phase));
    if (report.memory_refused && report.signal != SIGSYS) return SetMemory(where);
    if (report.has_address) outcome_->Set("address", static_cast<int64_t>(report.address));
    if (report.signal == SIGSYS) {
      const std::string name = SystemCallName(report.system_call);
      const std::string purpose = SystemCallPurpose(report.system_call);
      outcome_->Set("syscall", String(name));
      return outcome_->Fail("forbidden", "PermissionError",
                            Name() + " made the system call " + name +
                                (purpose.empty() ? "" : ", which " + purpose) + where +
                                "; code that is tried may compute, print, and start threads");
    }
    outcome_->Fail("died", "RuntimeError", Name() + " died" + where + " of " + CauseText(report));
  }

  const TryRunRequest& request_;
  Outcome* outcome_;
};

int ProcessorSeconds(int timeout_ms) {
  if (timeout_ms == 0) return 0;
  const auto processors = static_cast<int64_t>(sysconf(_SC_NPROCESSORS_ONLN));
  return static_cast<int>(
      std::min<int64_t>((timeout_ms / 1000 + 5) * std::max<int64_t>(processors, 1), 1 << 30));
}

}  // namespace

Map<String, Any> TryRun(const TryRunRequest& request, std::span<const AnyView> arguments) {
  SharedTensors tensors;
  for (size_t i = 0; i < arguments.size(); ++i) {
    AddTensors(arguments[i], "argument " + std::to_string(i), &tensors);
  }
  tensors.Share();
  RunRequest run{request.source,        request.artifact,
                 request.linked,        request.function,
                 tensors.pieces(),      {},
                 request.max_memory_mb, ProcessorSeconds(request.timeout_ms)};
  ByteWriter writer;
  writer.Put(arguments.size());
  for (const AnyView& argument : arguments) PutValue(argument, tensors, &writer);
  run.arguments = writer.Take();

  ChildProcess process({.mode = "run",
                        .memory = tensors.descriptor(),
                        .kept_output = kKeptOutput,
                        .keep = CapturedOutput::Keep::kFirst});
  std::string answer;
  ChildProcess::Limits limits;
  limits.timeout_ms = request.timeout_ms;
  // No honest answer is longer than the memory that it may have.
  limits.longest_answer = kLongestAnswer;
  if (request.max_memory_mb != 0) {
    const uint64_t memory = static_cast<uint64_t>(request.max_memory_mb) << 20;
    limits.longest_answer = std::min(kLongestAnswer, memory + kAnswerBesides);
  }
  const ChildProcess::Outcome ended = process.Ask(SerializeRun(run), limits, &answer);

  Outcome outcome;
  Reader reader(request, &outcome);
  bool went_well = false;
  try {
    if (ended == ChildProcess::Outcome::kAnswered) {
      went_well = reader.ReadAnswer(answer);
      process.End(/*now=*/false);
    } else if (ended == ChildProcess::Outcome::kTimedOut) {
      process.Signal(WhereAreYouSignal());
      limits.timeout_ms = kReportMs;
      if (process.Listen(limits, &answer) != ChildProcess::Outcome::kAnswered) answer.clear();
      process.End(/*now=*/true);
      reader.SetTimeout(answer);
    } else {
      const Death death = process.End(/*now=*/false);
      reader.SetDeath(death, process.errors().text());
    }
  } catch (const kiln::Error& error) {
    process.End(/*now=*/true);
    reader.SetMalformed(error);
  }
  if (went_well) tensors.CopyBack();
  outcome.Set("stdout", Bytes(process.output().text()));
  outcome.Set("stderr", Bytes(process.errors().text()));
  outcome.Set("output_complete", process.output().complete() && process.errors().complete());
  return outcome.Take();
}

}  // namespace kiln::jit
