#include "jit/threads/compile_threads.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <thread>

#include "jit/threads/crash_guard.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

// Pages are taken as they are used. Parsers and optimisers recurse as deeply as sources nest.
constexpr size_t kStackSize = size_t{64} << 20;
constexpr size_t kStackGuard = size_t{1} << 20;
constexpr int kBackgroundNice = 10;

thread_local bool is_compile_thread = false;

}  // namespace

// Never destroyed: threads may run while the process ends.
CompileThreads& CompileThreads::Global() {
  static CompileThreads* const kThreads = [] {
    auto* const threads = new CompileThreads;
    pthread_atfork([] { Global().BeginFork(); }, [] { Global().EndFork(/*in_child=*/false); },
                   [] { Global().EndFork(/*in_child=*/true); });
    return threads;
  }();
  return *kThreads;
}

CompileThreads::CompileThreads() {
  foreground_.most = std::max(1U, std::thread::hardware_concurrency());
  background_.most = std::max(1U, foreground_.most / 2);
  background_.is_background = true;
}

bool CompileThreads::IsOne() noexcept { return is_compile_thread; }

CompileThreads::Ticket CompileThreads::Submit(Priority priority, std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  const Ticket ticket{priority, submitted_++};
  Enqueue(ticket, std::move(work));
  return ticket;
}

void CompileThreads::Raise(Ticket* ticket, Priority priority) {
  const std::lock_guard lock(mutex_);
  if (priority >= ticket->first) return;
  std::function<void()> work = Dequeue(*ticket);
  if (work == nullptr) return;
  ticket->first = priority;
  Enqueue(*ticket, std::move(work));
}

std::function<void()> CompileThreads::TakeBack(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  return Dequeue(ticket);
}

void CompileThreads::Disown(const Ticket& ticket) noexcept {
  const std::lock_guard lock(mutex_);
  if (running_.erase(ticket.second) == 0) return;
  Crew& crew = CrewFor(ticket.first);
  --crew.started;
  if (crew.queued <= crew.idle) return;
  try {
    StartThread(&crew);
  } catch (const Error&) {
    // There is no other: the queue waits for the work, as it did before.
  }
}

void CompileThreads::Enqueue(const Ticket& ticket, std::function<void()> work) {
  Crew& crew = CrewFor(ticket.first);
  if (crew.queued >= crew.idle && crew.started < crew.most) StartThread(&crew);
  queue_.emplace(ticket, std::move(work));
  ++crew.queued;
  crew.has_work.notify_one();
}

std::function<void()> CompileThreads::Dequeue(const Ticket& ticket) {
  const auto node = queue_.extract(ticket);
  if (node.empty()) return nullptr;
  --CrewFor(ticket.first).queued;
  return std::move(node.mapped());
}

void CompileThreads::Run(const std::function<void()>& work) {
  if (IsOne()) return work();
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  std::exception_ptr thrown;
  Submit(Priority::kCaller, [&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    done = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return done; });
  if (thrown) std::rethrow_exception(thrown);
}

void CompileThreads::StartThread(Crew* crew) {
  struct Start {
    CompileThreads* threads;
    Crew* crew;
  };
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackSize);
  pthread_attr_setguardsize(&attributes, kStackGuard);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  sigset_t all;
  sigset_t former;
  sigfillset(&all);
  for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP})
    sigdelset(&all, fault);
  pthread_sigmask(SIG_SETMASK, &all, &former);
  auto start = std::make_unique<Start>(Start{this, crew});
  pthread_t thread;
  const int status = pthread_create(
      &thread, &attributes,
      [](void* argument) -> void* {
        const std::unique_ptr<Start> begun(static_cast<Start*>(argument));
        begun->threads->Serve(begun->crew);
        return nullptr;
      },
      start.get());
  pthread_sigmask(SIG_SETMASK, &former, nullptr);
  pthread_attr_destroy(&attributes);
  if (status == 0) {
    static_cast<void>(start.release());
    ++crew->started;
    return;
  }
  if (crew->started > 0) return;
  throw Error("RuntimeError",
              std::string("can't start a thread to compile on: ") + std::strerror(status));
}

void CompileThreads::Serve(Crew* crew) {
  is_compile_thread = true;
  pthread_setname_np(pthread_self(), crew->is_background ? "kiln-optimize" : "kiln-compile");
  if (crew->is_background) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kBackgroundNice);
  PrepareThread();
  std::unique_lock lock(mutex_);
  while (true) {
    if (crew->queued == 0) {
      ++crew->idle;
      crew->has_work.wait(lock);
      --crew->idle;
      continue;
    }
    const auto first =
        crew->is_background ? queue_.lower_bound({Priority::kBackground, 0}) : queue_.begin();
    const Ticket ticket = first->first;
    running_.insert(ticket.second);
    {
      const std::function<void()> work = Dequeue(ticket);
      lock.unlock();
      work();
    }
    lock.lock();
    if (running_.erase(ticket.second) != 0) continue;
    // The work was disowned: the place may be another's.
    if (crew->started >= crew->most) return;
    ++crew->started;
  }
}

void CompileThreads::BeginFork() { mutex_.lock(); }

void CompileThreads::EndFork(bool in_child) {
  if (in_child) {
    // Who would run it, and who waits for it, is in the parent. The functions may hold what is
    // half made there: they are left as they are.
    new (&queue_) std::map<Ticket, std::function<void()>>();
    running_.clear();
    for (Crew* crew : {&foreground_, &background_}) {
      crew->started = 0;
      crew->idle = 0;
      crew->queued = 0;
      new (&crew->has_work) std::condition_variable();
    }
  }
  mutex_.unlock();
}

}  // namespace kiln::jit
