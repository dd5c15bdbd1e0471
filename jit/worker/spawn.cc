#include "jit/worker/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "jit/worker/message.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

constexpr char kExecutable[] = "kiln-worker";
// Above those that the worker has, so that none is overwritten before it is copied.
constexpr int kFirstSpare = 10;

[[noreturn]] void Fail(std::string_view what, int code) {
  throw kiln::Error("RuntimeError", kiln::details::Concat({"a worker process can't be started: ",
                                                           what, ": ", std::strerror(code)}));
}

OwnedDescriptor Raised(int descriptor) {
  const OwnedDescriptor low(descriptor);
  const int high = fcntl(low.get(), F_DUPFD_CLOEXEC, kFirstSpare);
  if (high < 0) Fail("no file descriptor is left", errno);
  return OwnedDescriptor(high);
}

struct Ends {
  OwnedDescriptor ours;
  OwnedDescriptor theirs;
};

void DontBlock(int descriptor) {
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

Ends MakeSocket() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) Fail("socketpair", errno);
  OwnedDescriptor ours(ends[0]);
  OwnedDescriptor theirs = Raised(ends[1]);
  DontBlock(ours.get());
  return {std::move(ours), std::move(theirs)};
}

Ends MakePipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Fail("pipe", errno);
  OwnedDescriptor ours(ends[0]);
  OwnedDescriptor theirs = Raised(ends[1]);
  DontBlock(ours.get());
  return {std::move(ours), std::move(theirs)};
}

// What the worker's descriptors are made of.
class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void Open(int as, const char* path) {
    Check(posix_spawn_file_actions_addopen(&actions_, as, path, O_RDONLY, 0));
  }
  void Give(int descriptor, int as) {
    Check(posix_spawn_file_actions_adddup2(&actions_, descriptor, as));
  }
  void CloseFrom(int first) { Check(posix_spawn_file_actions_addclosefrom_np(&actions_, first)); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  static void Check(int code) {
    if (code != 0) Fail("its file descriptors", code);
  }

  posix_spawn_file_actions_t actions_;
};

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

}  // namespace

std::string WorkerPath() {
  const char* const chosen = std::getenv("KILN_WORKER");
  if (chosen != nullptr && *chosen != '\0') return chosen;
  const std::string& engine = EnginePath();
  return engine.substr(0, engine.rfind('/') + 1) + kExecutable;
}

SpawnedWorker SpawnWorker(const std::string& mode, int memory) {
  const std::string path = WorkerPath();
  if (access(path.c_str(), X_OK) != 0) {
    throw kiln::Error("RuntimeError",
                      "the worker '" + path + "' can't be run: " + std::strerror(errno) +
                          "; it belongs beside libkiln_jit.so, or set KILN_WORKER to its path");
  }
  Ends socket = MakeSocket();
  Ends output = MakePipe();
  Ends errors = MakePipe();
  OwnedDescriptor shared;
  FileActions actions;
  actions.Open(STDIN_FILENO, "/dev/null");
  actions.Give(output.theirs.get(), STDOUT_FILENO);
  actions.Give(errors.theirs.get(), STDERR_FILENO);
  actions.Give(socket.theirs.get(), kWorkerSocket);
  if (memory >= 0) {
    shared = OwnedDescriptor(fcntl(memory, F_DUPFD_CLOEXEC, kFirstSpare));
    if (shared.get() < 0) Fail("no file descriptor is left", errno);
    actions.Give(shared.get(), kWorkerMemory);
  }
  actions.CloseFrom(memory >= 0 ? kWorkerMemory + 1 : kWorkerSocket + 1);

  std::array<std::string, 3> words = {kExecutable, mode, EnginePath()};
  std::array<char*, 4> arguments = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  const Attributes attributes;
  SpawnedWorker worker;
  const int code = posix_spawn(&worker.process, path.c_str(), actions.get(), attributes.get(),
                               arguments.data(), environ);
  if (code != 0) Fail("'" + path + "'", code);
  worker.handle = OwnedDescriptor(static_cast<int>(syscall(SYS_pidfd_open, worker.process, 0)));
  worker.socket = std::move(socket.ours);
  worker.output = std::move(output.ours);
  worker.errors = std::move(errors.ours);
  return worker;
}

}  // namespace kiln::jit
