#include "jit/worker/worker_pool.h"

#include <unistd.h>

#include <filesystem>
#include <utility>

#include "jit/log.h"
#include "jit/worker/compile_request.h"
#include "jit/worker/message.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr size_t kMostIdle = 4;

std::string EnvironmentText() {
  std::string text;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    text.append(*variable).push_back('\0');
  }
  return text;
}

std::string CurrentFolder() {
  std::error_code code;
  return std::filesystem::current_path(code).string();
}

// What is compiled, in words: "'k.c'", "'k.c' and 2 other sources".
std::string NamesOf(const std::vector<Source>& sources) {
  std::string text = "'" + sources.front().name + "'";
  if (sources.size() == 1) return text;
  return text + " and " + std::to_string(sources.size() - 1) + " other source" +
         (sources.size() == 2 ? "" : "s");
}

kiln::Error TimeoutError(const std::string& what, const CompileOptions& options) {
  return kiln::Error("TimeoutError",
                     "the compile of " + what +
                         " did not end within timeout_ms = " + std::to_string(options.timeout_ms) +
                         " and was stopped; allow more time, or simplify the code");
}

kiln::Error MemoryError(const std::string& what, const CompileOptions& options) {
  const int limit = options.max_memory_mb;
  return kiln::Error(
      "MemoryError",
      "the compile of " + what +
          (limit == 0 ? " ran out of memory"
                      : " needs more than max_memory_mb = " + std::to_string(limit)) +
          " and was stopped; allow more memory, or simplify the code");
}

// Compilers that get no memory leave by ways of their own, too, and say so.
bool RanOutOfMemory(const Death& death, const std::string& errors) {
  return death.exit_code == kExitOutOfMemory || errors.find("out of memory") != errors.npos ||
         errors.find("out-of-memory") != errors.npos;
}

}  // namespace

Artifact WorkerPool::Compile(const std::vector<Source>& sources, const CompileOptions& options,
                             CompileReport* report, const Cancellation* cancellation) {
  const std::string what = NamesOf(sources);
  CompileRequest request{sources, options, CurrentFolder(), report->stages.has_value(),
                         options.max_memory_mb};
  request.options.isolate = "none";
  request.options.timeout_ms = 0;
  request.options.max_memory_mb = 0;
  const std::string message = SerializeRequest(request);
  if (message.size() > kLongestMessage) {
    throw kiln::Error("ValueError", "the sources of " + what + " are too long for a worker");
  }
  const ChildProcess::Limits limits{options.timeout_ms, cancellation};
  std::string answer;
  Worker worker = Take();
  ChildProcess::Outcome outcome = worker.process->Ask(message, limits, &answer);
  // One that has died idle.
  while (outcome == ChildProcess::Outcome::kUnheard && !worker.is_new) {
    worker = Take();
    outcome = worker.process->Ask(message, limits, &answer);
  }
  switch (outcome) {
    case ChildProcess::Outcome::kAnswered:
      Return(std::move(worker));
      return ParseAnswer(answer, report);
    case ChildProcess::Outcome::kTimedOut:
      throw TimeoutError(what, options);
    case ChildProcess::Outcome::kCancelled:
      throw kiln::Error("CancelledError", "the compile of " + what + " was cancelled");
    case ChildProcess::Outcome::kEnded:
    case ChildProcess::Outcome::kUnheard:
      break;
  }
  const Death death = worker.process->End(/*now=*/false);
  const std::string& errors = worker.process->errors().text();
  if (RanOutOfMemory(death, errors)) throw MemoryError(what, options);
  throw kiln::Error("RuntimeError", "the worker process that compiled " + what + " " +
                                        death.ToString() + LastLines(errors));
}

WorkerPool::Worker WorkerPool::Take() {
  std::string environment = EnvironmentText();
  std::vector<Worker> outdated;  // They go after the lock.
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      Worker worker = std::move(idle_.back());
      idle_.pop_back();
      if (worker.environment == environment && worker.process->Idle()) return worker;
      outdated.push_back(std::move(worker));
    }
  }
  Log(LogLevel::kDebug, "starting a worker process");
  return {std::make_unique<ChildProcess>(ChildProcess::Start{.mode = "compile"}),
          std::move(environment), /*is_new=*/true};
}

void WorkerPool::Return(Worker worker) {
  worker.is_new = false;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(worker));
}

}  // namespace kiln::jit
