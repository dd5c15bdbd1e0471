#ifndef KILN_JIT_SERVICE_FUTURE_OBJECT_H_
#define KILN_JIT_SERVICE_FUTURE_OBJECT_H_

#include <memory>
#include <optional>
#include <utility>

#include "jit/service/compile_job.h"
#include "kiln/object_type.h"

namespace kiln::jit {

// A CompileJob as an object of the ABI. Any number of threads may use it at once.
class FutureObj : public Object {
 public:
  KILN_OBJECT_TYPE_FINAL("kiln.jit.Future", FutureObj, Object);

  // Where `cancels_when_dropped`, the job ends with the last reference to this.
  FutureObj(std::shared_ptr<CompileJob> made, bool cancels_when_dropped)
      : job(std::move(made)), cancels_(cancels_when_dropped) {}
  ~FutureObj() {
    if (cancels_) job->Cancel();
  }

  const std::shared_ptr<CompileJob> job;

 private:
  const bool cancels_;
};

class Future : public ObjectRef {
 public:
  KILN_OBJECT_REF(Future, ObjectRef, FutureObj);
};

// A number of seconds from now, or None: no deadline. Throws TypeError for another value.
std::optional<CompileJob::Clock::time_point> DeadlineIn(AnyView seconds);

// Registers the type with the runtime, and what can be done with one, as methods:
//
//   done() -> bool             it has ended: with a module, with an error, or cancelled
//   cancelled() -> bool
//   wait(seconds: float | int | None) -> bool
//       Waits that long at the most, None for as long as it takes. True if it has ended. What is
//       waited for goes before the rest of the queue.
//   cancel() -> bool           ends it with a CancelledError; false where it had ended before
//   result() -> Module         waits for it; raises the error that it ended with
//   error() -> Error | None    waits for its end
//   on_done(hook: Function)    hook(future) is called once, when it has ended: by the thread that
//                              ended it, or at once by this one. What it raises is logged.
//
// To be called once.
void RegisterFuture();

}  // namespace kiln::jit

#endif  // KILN_JIT_SERVICE_FUTURE_OBJECT_H_
