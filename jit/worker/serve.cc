#include "jit/worker/serve.h"

#include <poll.h>
#include <unistd.h>

#include <new>
#include <string>
#include <thread>

#include "jit/worker/compile_request.h"
#include "jit/worker/memory_limit.h"
#include "jit/worker/message.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

// Leaves where the other side is gone. Its end of the socket tells; but a fork of it may hold that
// open, so the parent is looked at, too. (The kernel's own signal for it, PR_SET_PDEATHSIG, comes
// where the thread that started the worker ends.)
void WatchParent() {
  std::thread([parent = getppid()] {
    constexpr int kLookEveryMs = 1000;
    pollfd socket{kWorkerSocket, 0, 0};
    while (getppid() == parent && (poll(&socket, 1, kLookEveryMs) <= 0 || socket.revents == 0)) {
    }
    _exit(0);
  }).detach();
}

std::string AnswerTo(const std::string& message, const CompileFunction& compile) {
  try {
    const CompileRequest request = ParseRequest(message);
    if (!request.folder.empty() && chdir(request.folder.c_str()) != 0) {
      throw kiln::Error("RuntimeError",
                        "a worker can't enter the current folder, '" + request.folder + "'");
    }
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

void ServeCompiles(const CompileFunction& compile) {
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
