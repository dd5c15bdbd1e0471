#include "jit/threads/cancellation.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "kiln/error.h"

namespace kiln::jit {
namespace {

void Signal(int event) noexcept {
  const int saved = errno;
  const uint64_t one = 1;
  // Fails only where the counter is full of earlier calls.
  [[maybe_unused]] const ssize_t written = write(event, &one, sizeof one);
  errno = saved;
}

}  // namespace

Cancellation::~Cancellation() {
  if (event_ >= 0) close(event_);
}

void Cancellation::Cancel() noexcept {
  cancelled_ = true;
  if (const int event = event_; event >= 0) Signal(event);
}

int Cancellation::Descriptor() const {
  if (const int known = event_; known >= 0) return known;
  const int made = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made < 0) {
    throw kiln::Error("RuntimeError",
                      std::string("a cancellation can't be watched: ") + std::strerror(errno));
  }
  int none = -1;
  if (!event_.compare_exchange_strong(none, made)) {
    close(made);
    return none;
  }
  // The wish may have come just before.
  if (cancelled_) Signal(made);
  return made;
}

}  // namespace kiln::jit
