#include "tests/fuzz/jit/process_state.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "jit/link/code_memory.h"

namespace kiln::fuzz {
namespace {

constexpr size_t kMegabyte = size_t{1} << 20;
// What one crash may leave behind, at the most and on average.
constexpr size_t kMegabytesPerCrash = 2;
constexpr size_t kDescriptorsPerCrash = 2;
// Caches fill, and memory is fragmented.
constexpr size_t kMegabytesOfSlack = 512;

size_t EntriesOf(const char* folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

size_t ResidentMb() {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<size_t>(getpagesize()) / kMegabyte;
}

void (*HandlerOf(int signal))(int) {
  struct sigaction action{};
  sigaction(signal, nullptr, &action);
  return action.sa_handler;
}

}  // namespace

ProcessState ProcessState::Here() {
  ProcessState state;
  state.descriptors = EntriesOf("/proc/self/fd");
  state.threads = EntriesOf("/proc/self/task");
  state.resident_mb = ResidentMb();
  state.segv_handler = HandlerOf(SIGSEGV);
  state.abort_handler = HandlerOf(SIGABRT);
  return state;
}

std::string LeakBetween(const ProcessState& before, const ProcessState& now, size_t crashes) {
  const auto grew = [](const char* what, size_t from, size_t to) {
    return std::string(what) + " grew from " + std::to_string(from) + " to " + std::to_string(to);
  };
  if (now.segv_handler != before.segv_handler || now.abort_handler != before.abort_handler) {
    return "the handlers of the host are not what they were";
  }
  if (now.descriptors > before.descriptors + kDescriptorsPerCrash * crashes) {
    return grew("the number of open files", before.descriptors, now.descriptors);
  }
  if (now.threads > before.threads) return grew("threads", before.threads, now.threads);
  if (now.resident_mb > before.resident_mb + kMegabytesOfSlack + kMegabytesPerCrash * crashes) {
    return grew("memory in MB", before.resident_mb, now.resident_mb);
  }
  return "";
}

}  // namespace kiln::fuzz
