#include "jit/trace.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>

#include <nlohmann/json.hpp>

#include "jit/log.h"

namespace kiln::jit {
namespace {

bool appends = false;

// Each event is one write, which the kernel puts at the end as a whole.
void Write(int file, const std::string& line) {
  [[maybe_unused]] const ssize_t written = write(file, line.data(), line.size());
}

// Opened at the first use; -1 where there is no trace. Never closed.
int TraceFile() {
  static const int kFile = [] {
    const char* path = std::getenv("KILN_TRACE");
    if (path == nullptr || *path == '\0') return -1;
    const int file =
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (appends ? 0 : O_TRUNC), 0644);
    if (file < 0) {
      Log(LogLevel::kError,
          std::string("KILN_TRACE: can't write '") + path + "': " + std::strerror(errno));
      return -1;
    }
    struct stat status{};
    // The form lets the list go without its end.
    if (fstat(file, &status) == 0 && status.st_size == 0) Write(file, "[\n");
    return file;
  }();
  return kFile;
}

// The event that gives the thread its name.
nlohmann::json NameOfThread() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return {{"name", "thread_name"},
          {"ph", "M"},
          {"pid", getpid()},
          {"tid", gettid()},
          {"args", {{"name", name.data()}}}};
}

std::string LineOf(const nlohmann::json& event) {
  return event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + ",\n";
}

double Microseconds(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

}  // namespace

bool TraceEnabled() noexcept { return TraceFile() >= 0; }

void AppendToTrace() noexcept { appends = true; }

void TraceSpan(std::string_view name, std::string_view detail,
               std::chrono::steady_clock::time_point start,
               std::chrono::nanoseconds time) noexcept {
  if (!TraceEnabled()) return;
  try {
    std::string lines;
    thread_local pid_t named_in = 0;  // a fork's thread has a new number
    if (named_in != getpid()) lines += LineOf(NameOfThread());
    named_in = getpid();
    nlohmann::json event = {{"name", name},
                            {"cat", "kiln"},
                            {"ph", "X"},
                            {"ts", Microseconds(start.time_since_epoch())},
                            {"dur", Microseconds(time)},
                            {"pid", getpid()},
                            {"tid", gettid()}};
    if (!detail.empty()) event["args"] = {{"source", detail}};
    lines += LineOf(event);
    Write(TraceFile(), lines);
  } catch (const std::exception& error) {
    Log(LogLevel::kError, std::string("KILN_TRACE: ") + error.what());
  }
}

}  // namespace kiln::jit
