#ifndef KILN_JIT_WORKER_OWNED_DESCRIPTOR_H_
#define KILN_JIT_WORKER_OWNED_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace kiln::jit {

// A file descriptor that is closed when it goes; -1 for none.
class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~OwnedDescriptor() { Close(); }

  int get() const noexcept { return descriptor_; }
  void Close() noexcept {
    if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_OWNED_DESCRIPTOR_H_
