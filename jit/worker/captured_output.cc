#include "jit/worker/captured_output.h"

#include <algorithm>
#include <cerrno>

namespace kiln::jit {

void CapturedOutput::Read() {
  // One that is written without end must not hold the reader.
  constexpr int kMostReads = 64;
  char bytes[4096];
  for (int i = 0; i < kMostReads && pipe_.get() >= 0; ++i) {
    const ssize_t got = read(pipe_.get(), bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return pipe_.Close();
    const size_t size = static_cast<size_t>(got);
    if (keep_ == Keep::kFirst) {
      const size_t room = std::min(size, capacity_ - text_.size());
      text_.append(bytes, room);
      complete_ &= room == size;
    } else {
      text_.append(bytes, size);
      if (text_.size() <= capacity_) continue;
      text_.erase(0, text_.size() - capacity_);
      complete_ = false;
    }
  }
}

void CapturedOutput::Clear() {
  text_.clear();
  complete_ = true;
}

}  // namespace kiln::jit
