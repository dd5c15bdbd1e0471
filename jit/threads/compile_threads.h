#ifndef KILN_JIT_THREADS_COMPILE_THREADS_H_
#define KILN_JIT_THREADS_COMPILE_THREADS_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace kiln::jit {

// Who waits for a piece of work. Of what is queued, the first goes first.
enum class Priority {
  kCaller,      // a thread that does nothing else meanwhile
  kQueue,       // somebody, some time
  kBackground,  // nobody: what is there already runs, and will run faster
};

// The threads that compile and link: as many as the machine runs at once, and half as many, of
// lower priority to the system too, for background work. They start when there is work for them and
// stay. Their stacks are large, and a crash on them can be survived (crash_guard.h). Signals of the
// host are not delivered to them.
//
// Any number of threads may use it at once. The child of a fork has new threads; what was queued or
// ran in the parent is not done there.
class CompileThreads {
 public:
  static CompileThreads& Global();

  // Work that has not begun, to be referred to until it does.
  using Ticket = std::pair<Priority, uint64_t>;

  // Queues `work`, which must not throw. Throws RuntimeError where the system gives no thread and
  // there is none.
  Ticket Submit(Priority priority, std::function<void()> work);

  // Lets queued work go before what has a lower priority. Work that has begun goes on as it is.
  void Raise(Ticket* ticket, Priority priority);

  // Takes queued work back, for the caller to run or to drop; null where it has begun.
  std::function<void()> TakeBack(const Ticket& ticket);

  // Says that nobody waits for that work any longer. Where it has begun, another thread may take
  // the place of its thread: it does not hold the others up, however long it goes on.
  void Disown(const Ticket& ticket) noexcept;

  // Runs `work` on one of the threads at once, and waits for its end: on this one, if it is one of
  // them. An exception of the work goes to the caller.
  void Run(const std::function<void()>& work);

  // Whether this thread is one of them.
  static bool IsOne() noexcept;

  CompileThreads(const CompileThreads&) = delete;
  CompileThreads& operator=(const CompileThreads&) = delete;

 private:
  // The threads of one kind.
  struct Crew {
    bool is_background = false;
    unsigned most = 1;
    unsigned started = 0;
    unsigned idle = 0;    // of them
    unsigned queued = 0;  // pieces of work for them
    std::condition_variable has_work;
  };

  CompileThreads();
  Crew& CrewFor(Priority priority) {
    return priority == Priority::kBackground ? background_ : foreground_;
  }
  // All of these are called under the lock.
  void Enqueue(const Ticket& ticket, std::function<void()> work);
  std::function<void()> Dequeue(const Ticket& ticket);
  void StartThread(Crew* crew);
  void Serve(Crew* crew);
  void BeginFork();
  void EndFork(bool in_child);

  std::mutex mutex_;
  std::map<Ticket, std::function<void()>> queue_;
  std::set<uint64_t> running_;  // the numbers of the work that a thread's place is for
  uint64_t submitted_ = 0;
  Crew foreground_;
  Crew background_;
};

}  // namespace kiln::jit

#endif  // KILN_JIT_THREADS_COMPILE_THREADS_H_
