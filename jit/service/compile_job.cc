#include "jit/service/compile_job.h"

#include <utility>

#include "jit/compile/compile_safely.h"
#include "jit/service/caught_error.h"

namespace kiln::jit {

std::shared_ptr<CompileJob> CompileJob::Submit(std::string name, Priority priority,
                                               std::function<Module()> work) {
  auto job = std::make_shared<CompileJob>(std::move(name));
  const std::lock_guard lock(job->mutex_);
  job->ticket_ =
      CompileThreads::Global().Submit(priority, [job, work = std::move(work)] { job->Run(work); });
  return job;
}

void CompileJob::Run(const std::function<Module()>& work) {
  const HeedCancellation heed(&cancellation_);
  try {
    if (HeedCancellation::IsCancelled()) throw CancelledErrorOf(name_);
    End(work(), std::nullopt);
  } catch (...) {
    End(std::nullopt, CaughtError());
  }
}

bool CompileJob::End(std::optional<Module> module, std::optional<Error> failure) {
  std::vector<std::function<void()>> hooks;
  {
    const std::lock_guard lock(mutex_);
    if (done_) return false;
    module_ = std::move(module);
    failure_ = std::move(failure);
    hooks = std::exchange(hooks_, {});
    done_ = true;
    changed_.notify_all();
  }
  for (const std::function<void()>& hook : hooks) CallHook(hook);
  return true;
}

bool CompileJob::IsDone() const {
  const std::lock_guard lock(mutex_);
  return done_;
}

bool CompileJob::IsCancelled() const {
  const std::lock_guard lock(mutex_);
  return done_ && cancellation_.IsCancelled() && failure_ && failure_->kind() == "CancelledError";
}

bool CompileJob::WaitUntil(std::optional<Clock::time_point> deadline) {
  std::unique_lock lock(mutex_);
  if (done_) return true;
  CompileThreads::Global().Raise(&ticket_, Priority::kCaller);
  if (CompileThreads::IsOne()) {
    if (const auto work = CompileThreads::Global().TakeBack(ticket_)) {
      lock.unlock();
      work();
      return true;
    }
  }
  const auto is_done = [&] { return done_; };
  if (deadline) return changed_.wait_until(lock, *deadline, is_done);
  changed_.wait(lock, is_done);
  return true;
}

bool CompileJob::Cancel() {
  CompileThreads::Ticket ticket;
  {
    const std::lock_guard lock(mutex_);
    if (done_) return false;
    cancellation_.Cancel();
    ticket = ticket_;
  }
  const std::function<void()> never_run = CompileThreads::Global().TakeBack(ticket);
  if (never_run == nullptr) CompileThreads::Global().Disown(ticket);
  return End(std::nullopt, CancelledErrorOf(name_));
}

Module CompileJob::Result() {
  WaitUntil(std::nullopt);
  const std::lock_guard lock(mutex_);
  if (failure_) throw CopyOf(*failure_);
  return *module_;
}

std::optional<Error> CompileJob::Failure() {
  WaitUntil(std::nullopt);
  const std::lock_guard lock(mutex_);
  if (!failure_) return std::nullopt;
  return CopyOf(*failure_);
}

void CompileJob::OnDone(std::function<void()> hook) {
  {
    const std::lock_guard lock(mutex_);
    if (!done_) {
      hooks_.push_back(std::move(hook));
      return;
    }
  }
  CallHook(hook);
}

}  // namespace kiln::jit
