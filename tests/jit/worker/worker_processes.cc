#include "tests/jit/worker/worker_processes.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace kiln::testing {
namespace {

struct Status {
  std::string name;
  char state = 0;
  pid_t parent = 0;
  long user_ticks = 0;
};

std::optional<Status> StatusOf(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  // One that ends meanwhile is an error of the file, not an exception.
  std::string text;
  std::getline(file, text);
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (close == std::string::npos) return std::nullopt;
  Status status;
  status.name = text.substr(open + 1, close - open - 1);
  std::istringstream fields(text.substr(close + 1));
  long skipped = 0;
  fields >> status.state >> status.parent;
  for (int field = 5; field < 14; ++field) fields >> skipped;
  fields >> status.user_ticks;
  return status;
}

bool Runs(const std::optional<Status>& status) {
  return status && status->state != 'Z' && status->state != 'X';
}

template <typename Condition>
void WaitUntil(const char* what, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error(what);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

}  // namespace

std::vector<pid_t> WorkersOf(pid_t parent) {
  std::vector<pid_t> workers;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    if (process == 0) continue;
    const std::optional<Status> status = StatusOf(process);
    if (Runs(status) && status->parent == parent && status->name == "kiln-worker") {
      workers.push_back(process);
    }
  }
  return workers;
}

pid_t WaitForBusyWorker(pid_t parent) {
  pid_t worker = 0;
  WaitUntil("no worker was busy", [&] {
    const std::vector<pid_t> workers = WorkersOf(parent);
    if (workers.size() != 1) return false;
    worker = workers[0];
    const std::optional<Status> status = StatusOf(worker);
    return Runs(status) && status->user_ticks * 5 > sysconf(_SC_CLK_TCK);
  });
  return worker;
}

void WaitForEnd(pid_t process) {
  WaitUntil("the process did not end", [&] { return !Runs(StatusOf(process)); });
}

}  // namespace kiln::testing
