#include "jit/service/future_object.h"

#include <chrono>
#include <cmath>
#include <optional>

#include "kiln/function.h"
#include "kiln/optional.h"
#include "kiln/reflection.h"

namespace kiln::jit {
namespace {

void CallWhenDone(const FutureObj* future, const Function& hook) {
  if (hook.get() == nullptr) throw Error("TypeError", "on_done takes a Function, got None");
  // Not for good: the job drops its hooks when it ends.
  const auto self = ObjectPtr<FutureObj>::ShareHandle(const_cast<FutureObj*>(future)->header());
  future->job->OnDone([self, hook] { hook(Future(self)); });
}

}  // namespace

std::optional<CompileJob::Clock::time_point> DeadlineIn(AnyView seconds) {
  if (seconds.type_index() == kTVMFFINone) return std::nullopt;
  const auto number = seconds.try_cast<double>();
  if (!number || std::isnan(*number)) {
    throw Error("TypeError",
                "a wait takes a number of seconds or None, got " + Describe(seconds.raw()));
  }
  constexpr double kLongest = 1e9;  // some thirty years
  return CompileJob::Clock::now() +
         std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::duration<double>(std::fmin(std::fmax(*number, 0), kLongest)));
}

void RegisterFuture() {
  reflection::ObjectDef<FutureObj>("A module in the making.")
      .def(
          "done", [](const FutureObj* f) { return f->job->IsDone(); }, "It has ended.")
      .def("cancelled", [](const FutureObj* f) { return f->job->IsCancelled(); })
      .def(
          "wait",
          [](const FutureObj* f, AnyView seconds) {
            return f->job->WaitUntil(DeadlineIn(seconds));
          },
          "Waits that many seconds at the most; None: until it has ended. True if it has.")
      .def(
          "cancel", [](const FutureObj* f) { return f->job->Cancel(); },
          "Ends it with a CancelledError; False where it had ended before.")
      .def(
          "result", [](const FutureObj* f) { return f->job->Result(); },
          "The module. Raises the error that it ended with.")
      .def(
          "error",
          [](const FutureObj* f) {
            const std::optional<Error> failure = f->job->Failure();
            return failure ? Any(*failure) : Any();
          },
          "The error that it ended with, or None.")
      .def("on_done", &CallWhenDone, "Has a function called with this when it has ended.");
}

}  // namespace kiln::jit
