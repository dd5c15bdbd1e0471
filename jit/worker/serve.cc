#include "jit/worker/serve.h"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <new>
#include <string>
#include <thread>

#include "jit/trace.h"
#include "jit/worker/compile_request.h"
#include "jit/worker/memory_limit.h"
#include "jit/worker/message.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

std::string AnswerTo(const std::string& message, const CompileFunction& compile) {
  try {
    const CompileRequest request = ParseRequest(message);
    EnterFolder(request.folder);
    CompileReport report;
    if (request.with_stages) report.stages.emplace();
    const MemoryLimit limit(request.max_memory_mb);
    const Artifact artifact = compile(request.sources, request.options, &report);
    return SerializeAnswer(artifact, report);
  } catch (const kiln::Error& error) {
    return SerializeAnswer(error);
  } catch (const std::bad_alloc&) {
    return SerializeAnswer(kiln::Error("MemoryError", "out of memory"));
  } catch (const std::exception& error) {
    return SerializeAnswer(kiln::Error("InternalError", error.what()));
  }
}

}  // namespace

void WatchParent() {
  // Signals of the process are for the thread that works.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([parent = getppid()] {
    constexpr int kLookEveryMs = 1000;
    pollfd socket{kWorkerSocket, 0, 0};
    while (getppid() == parent && (poll(&socket, 1, kLookEveryMs) <= 0 || socket.revents == 0)) {
    }
    _exit(0);
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void EnterFolder(const std::string& folder) {
  if (folder.empty() || chdir(folder.c_str()) == 0) return;
  throw kiln::Error("RuntimeError", "a worker can't enter the current folder, '" + folder + "'");
}

void ServeCompiles(const CompileFunction& compile) {
  AppendToTrace();
  LeaveWhereMemoryEnds();
  WatchParent();
  std::string message;
  if (!SendMessage(kWorkerSocket, EngineIdentity())) return;
  while (ReceiveMessage(kWorkerSocket, &message)) {
    if (!SendMessage(kWorkerSocket, "")) return;
    if (!SendMessage(kWorkerSocket, AnswerTo(message, compile))) return;
  }
}

}  // namespace kiln::jit
