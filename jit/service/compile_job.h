#ifndef KILN_JIT_SERVICE_COMPILE_JOB_H_
#define KILN_JIT_SERVICE_COMPILE_JOB_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "jit/threads/cancellation.h"
#include "jit/threads/compile_threads.h"
#include "kiln/error.h"
#include "kiln/module.h"

namespace kiln::jit {

// A module in the making on a compile thread, and what came of it. Any number of threads may use it
// at once.
class CompileJob : public std::enable_shared_from_this<CompileJob> {
 public:
  using Clock = std::chrono::steady_clock;

  // Queues `work`, which makes the module `name`. Work looks for its cancellation through
  // HeedCancellation. Throws as CompileThreads::Submit does.
  static std::shared_ptr<CompileJob> Submit(std::string name, Priority priority,
                                            std::function<Module()> work);

  // A new job, to be made by Submit.
  explicit CompileJob(std::string name) : name_(std::move(name)) {}
  CompileJob(const CompileJob&) = delete;
  CompileJob& operator=(const CompileJob&) = delete;

  // Whether it has ended: with a module, with an error, or cancelled.
  bool IsDone() const;
  bool IsCancelled() const;

  // Waits until it is done, or until `deadline`; true if it is done. The job goes before others
  // from then on. On a compile thread a job that has not begun is done here.
  bool WaitUntil(std::optional<Clock::time_point> deadline);

  // Ends the job with a CancelledError, unless it is done: then false. Work that has begun leaves
  // off as soon as it can, and what it makes is dropped.
  bool Cancel();

  // The module. Waits for it. Throws the error that it ended with.
  Module Result();

  // The error that it ended with; none where it made a module. Waits for the end.
  std::optional<Error> Failure();

  // Calls `hook` once when the job is done: on the thread that ends it, or here and now where it
  // has ended. What the hook throws is lost.
  void OnDone(std::function<void()> hook);

 private:
  void Run(const std::function<Module()>& work);
  // Sets what came of it, unless something has.
  bool End(std::optional<Module> module, std::optional<Error> failure);

  const std::string name_;
  Cancellation cancellation_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  CompileThreads::Ticket ticket_;
  bool done_ = false;
  std::optional<Module> module_;
  std::optional<Error> failure_;
  std::vector<std::function<void()>> hooks_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_SERVICE_COMPILE_JOB_H_
