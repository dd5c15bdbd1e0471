#ifndef KILN_JIT_WORKER_CAPTURED_OUTPUT_H_
#define KILN_JIT_WORKER_CAPTURED_OUTPUT_H_

#include <cstddef>
#include <string>
#include <utility>

#include "jit/worker/owned_descriptor.h"

namespace kiln::jit {

// What a process writes on a pipe, as far as there is room for it: the first or the last `capacity`
// bytes of it.
class CapturedOutput {
 public:
  enum class Keep { kFirst, kLast };

  // `pipe` must not block.
  CapturedOutput(OwnedDescriptor pipe, size_t capacity, Keep keep)
      : pipe_(std::move(pipe)), capacity_(capacity), keep_(keep) {}

  // -1 once the pipe has ended.
  int descriptor() const { return pipe_.get(); }
  // Takes what is there. Does not wait.
  void Read();
  void Clear();

  const std::string& text() const { return text_; }
  // Whether `text` is all that was written.
  bool complete() const { return complete_; }

 private:
  OwnedDescriptor pipe_;
  size_t capacity_;
  Keep keep_;
  std::string text_;
  bool complete_ = true;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_WORKER_CAPTURED_OUTPUT_H_
