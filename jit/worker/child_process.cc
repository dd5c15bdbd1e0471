#include "jit/worker/child_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>

#include "jit/worker/message.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

using Clock = std::chrono::steady_clock;

// How long a worker may take to load the engine, and how long one whose socket has ended to end.
constexpr int kStartMs = 60'000;
constexpr std::chrono::milliseconds kGrace(2000);

class Deadline {
 public:
  explicit Deadline(int timeout_ms)
      : at_(timeout_ms == 0 ? Clock::time_point::max()
                            : Clock::now() + std::chrono::milliseconds(timeout_ms)) {}
  bool Passed() const { return at_ != Clock::time_point::max() && Clock::now() >= at_; }
  // What poll() takes.
  int Left() const {
    if (at_ == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()).count();
    return static_cast<int>(std::clamp<int64_t>(left, 0, 1 << 30));
  }

 private:
  Clock::time_point at_;
};

// A message on its way out, and the one that comes in.
class Conversation {
 public:
  Conversation(int socket, const std::string_view* message, uint64_t longest_answer,
               std::string* answer)
      : socket_(socket), longest_answer_(longest_answer), answer_(answer) {
    answer->clear();
    if (message == nullptr) return;
    header_ = MessageHeader(*message);
    parts_[0] = header_;
    parts_[1] = *message;
  }

  bool sending() const { return !parts_[0].empty() || !parts_[1].empty(); }
  bool heard() const { return heard_; }
  bool complete() const { return size_known_ && answer_->size() == size_; }

  // These go as far as they can without waiting; false where the other side is gone or out of
  // order.
  bool Send() {
    for (std::string_view& part : parts_) {
      while (!part.empty()) {
        const ssize_t sent = send(socket_, part.data(), part.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EAGAIN;
        part.remove_prefix(static_cast<size_t>(sent));
      }
    }
    return true;
  }
  bool Receive() {
    char bytes[64 << 10];
    while (!complete()) {
      const size_t wanted = size_known_ ? size_ - answer_->size() : kHeaderSize - answer_->size();
      const ssize_t got = recv(socket_, bytes, std::min(sizeof bytes, wanted), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return true;
      if (got <= 0) return false;
      answer_->append(bytes, static_cast<size_t>(got));
      if (size_known_ || answer_->size() < kHeaderSize) continue;
      std::memcpy(&size_, answer_->data(), kHeaderSize);
      if (size_ > longest_answer_) return false;
      answer_->clear();
      heard_ |= size_ == 0;
      size_known_ = size_ != 0;
    }
    return true;
  }

 private:
  static constexpr size_t kHeaderSize = sizeof(uint64_t);

  int socket_;
  uint64_t longest_answer_;
  std::string header_;
  std::string_view parts_[2];
  bool heard_ = false;
  bool size_known_ = false;
  uint64_t size_ = 0;
  std::string* answer_;
};

bool Is(int16_t events, const pollfd& polled) { return (polled.revents & events) != 0; }

}  // namespace

std::string Death::ToString() const {
  if (signal != 0) {
    const char* const name = sigabbrev_np(signal);
    return "was killed by signal " + std::to_string(signal) +
           (name == nullptr ? "" : std::string(" (SIG") + name + ")");
  }
  return exit_code ? "exited with status " + std::to_string(*exit_code) : "ended";
}

std::string LastLines(std::string_view text) {
  constexpr int kMostLines = 20;
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return {};
  size_t begin = text.size();
  for (int lines = 0; lines < kMostLines && begin != 0; ++lines) {
    const size_t newline = text.rfind('\n', begin - 1);
    begin = newline == std::string_view::npos ? 0 : newline;
  }
  if (begin != 0) ++begin;
  std::string shown = "; its last lines:";
  text.remove_prefix(begin);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    shown.append("\n  ").append(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return shown;
}

ChildProcess::ChildProcess(const Start& start, SpawnedWorker worker)
    : owner_(getpid()),
      worker_(std::move(worker)),
      output_(std::move(worker_.output), start.kept_output, start.keep),
      errors_(std::move(worker_.errors), start.kept_output, start.keep) {}

ChildProcess::ChildProcess(const Start& start)
    : ChildProcess(start, SpawnWorker(start.mode, start.memory)) {
  std::string identity;
  const Outcome outcome = Talk(nullptr, {.timeout_ms = kStartMs}, &identity);
  if (outcome != Outcome::kAnswered) {
    const Death death = End(outcome == Outcome::kTimedOut);
    throw kiln::Error(
        "RuntimeError",
        "the worker '" + WorkerPath() + "' did not start: it " +
            (outcome == Outcome::kTimedOut ? "said nothing for a minute" : death.ToString()) +
            LastLines(errors_.text()));
  }
  if (identity != EngineIdentity()) {
    throw kiln::Error("RuntimeError",
                      "the worker '" + WorkerPath() + "' has another engine than this process: '" +
                          identity.substr(0, 100) + "', and here it is '" + EngineIdentity() +
                          "'; start this process again where Kiln was installed anew meanwhile, "
                          "or see what KILN_WORKER names");
  }
}

ChildProcess::~ChildProcess() {
  if (getpid() == owner_) End(/*now=*/true);
}

ChildProcess::Outcome ChildProcess::Ask(std::string_view message, const Limits& limits,
                                        std::string* answer) {
  output_.Clear();
  errors_.Clear();
  return Talk(&message, limits, answer);
}

ChildProcess::Outcome ChildProcess::Listen(const Limits& limits, std::string* answer) {
  return Talk(nullptr, limits, answer);
}

ChildProcess::Outcome ChildProcess::Talk(const std::string_view* message, const Limits& limits,
                                         std::string* answer) {
  const Deadline deadline(limits.timeout_ms);
  Conversation conversation(worker_.socket.get(), message, limits.longest_answer, answer);
  while (!conversation.complete()) {
    const int16_t events = conversation.sending() ? POLLIN | POLLOUT : POLLIN;
    pollfd polled[] = {
        {worker_.socket.get(), events, 0},
        {output_.descriptor(), POLLIN, 0},
        {errors_.descriptor(), POLLIN, 0},
        {limits.cancellation == nullptr ? -1 : limits.cancellation->Descriptor(), POLLIN, 0}};
    poll(polled, std::size(polled), deadline.Left());
    output_.Read();
    errors_.Read();
    if (Is(POLLIN, polled[3])) return Outcome::kCancelled;
    // A worker that has ended may have answered before.
    const bool sent = !Is(POLLOUT, polled[0]) || conversation.Send();
    const bool received = !Is(POLLIN | POLLHUP | POLLERR, polled[0]) || conversation.Receive();
    if (!received || (!sent && !conversation.heard())) {
      return conversation.heard() ? Outcome::kEnded : Outcome::kUnheard;
    }
    if (!conversation.complete() && deadline.Passed()) return Outcome::kTimedOut;
  }
  return Outcome::kAnswered;
}

bool ChildProcess::Idle() const {
  pollfd polled{worker_.socket.get(), POLLIN, 0};
  return getpid() == owner_ && !death_ && poll(&polled, 1, 0) == 0;
}

bool ChildProcess::Reap(bool wait) {
  if (death_) return true;
  int status = 0;
  pid_t ended = 0;
  do {
    ended = waitpid(worker_.process, &status, wait ? 0 : WNOHANG);
  } while (ended < 0 && errno == EINTR);
  if (ended == 0) return false;
  death_.emplace();
  if (ended < 0) return true;  // Its status went to another who waits for all children.
  if (WIFSIGNALED(status)) death_->signal = WTERMSIG(status);
  if (WIFEXITED(status)) death_->exit_code = WEXITSTATUS(status);
  return true;
}

void ChildProcess::Signal(int number) const {
  if (worker_.handle.get() >= 0) {
    syscall(SYS_pidfd_send_signal, worker_.handle.get(), number, nullptr, 0);
  } else {
    kill(worker_.process, number);
  }
}

Death ChildProcess::End(bool now) {
  const Clock::time_point grace = Clock::now() + (now ? std::chrono::milliseconds(0) : kGrace);
  while (!Reap(/*wait=*/false)) {
    if (Clock::now() >= grace) {
      Signal(SIGKILL);
      Reap(/*wait=*/true);
      break;
    }
    output_.Read();
    errors_.Read();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  output_.Read();
  errors_.Read();
  return death_.value_or(Death());
}

}  // namespace kiln::jit
