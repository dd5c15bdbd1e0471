#include "jit/threads/compile_threads.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::jit {
namespace {

// A door that work waits at.
class Gate {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
  }
  void AwaitWaiting(unsigned count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned waiting_ = 0;
  bool open_ = false;
};

// Holds every thread that callers' work runs on.
class BusyThreads {
 public:
  BusyThreads() {
    for (unsigned i = 0; i < count_; ++i) {
      CompileThreads::Global().Submit(Priority::kCaller, [this] {
        gate_.Pass();
        ++left_;
      });
    }
    gate_.AwaitWaiting(count_);
  }
  ~BusyThreads() {
    Release();
    while (left_ < count_) std::this_thread::yield();
  }
  BusyThreads(const BusyThreads&) = delete;
  BusyThreads& operator=(const BusyThreads&) = delete;
  void Release() { gate_.Open(); }

 private:
  const unsigned count_ = std::max(1U, std::thread::hardware_concurrency());
  Gate gate_;
  std::atomic<unsigned> left_ = 0;
};

// The order in which pieces of work ran.
class Order {
 public:
  std::function<void()> Note(char name) {
    return [this, name] {
      const std::lock_guard lock(mutex_);
      names_ += name;
      changed_.notify_all();
    };
  }
  std::string Await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return names_.size() >= count; });
    return names_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string names_;
};

TEST(CompileThreads, AsManyPiecesRunAtOnceAsTheMachineHasProcessors) {
  BusyThreads busy;  // would wait for ever
  SUCCEED();
}

TEST(CompileThreads, CallersGoBeforeTheQueue) {
  if (std::thread::hardware_concurrency() == 0) FAIL() << "the machine does not say";
  Order order;
  BusyThreads busy;
  CompileThreads& threads = CompileThreads::Global();
  threads.Submit(Priority::kQueue, order.Note('q'));
  threads.Submit(Priority::kQueue, order.Note('r'));
  threads.Submit(Priority::kCaller, order.Note('c'));
  busy.Release();
  const std::string names = order.Await(3);
  // Two threads may note in any order what they took in this one.
  EXPECT_LT(names.find('c'), 2U) << names;
}

TEST(CompileThreads, RaisedWorkGoesFirst) {
  Order order;
  std::vector<CompileThreads::Ticket> tickets;
  CompileThreads& threads = CompileThreads::Global();
  BusyThreads busy;
  for (char name = 'a'; name < 'k'; ++name) {
    tickets.push_back(threads.Submit(Priority::kQueue, order.Note(name)));
  }
  threads.Raise(&tickets.back(), Priority::kCaller);
  EXPECT_EQ(tickets.back().first, Priority::kCaller);
  busy.Release();
  const std::string names = order.Await(10);
  EXPECT_LE(names.find('j'), std::thread::hardware_concurrency()) << names;
}

TEST(CompileThreads, DisownedWorkHoldsNobodyUp) {
  CompileThreads& threads = CompileThreads::Global();
  const unsigned count = std::max(1U, std::thread::hardware_concurrency());
  Gate gate;
  std::atomic<unsigned> left = 0;
  unsigned begun = 0;
  // More than once, while all that was disowned before still goes on.
  for (int round = 0; round < 3; ++round) {
    std::vector<CompileThreads::Ticket> tickets;
    for (unsigned i = 0; i < count; ++i) {
      tickets.push_back(threads.Submit(Priority::kQueue, [&] {
        gate.Pass();
        ++left;
      }));
    }
    gate.AwaitWaiting(begun += count);
    Order order;
    threads.Submit(Priority::kQueue, order.Note('q'));
    for (const CompileThreads::Ticket& ticket : tickets) threads.Disown(ticket);
    EXPECT_EQ(order.Await(1), "q");
  }
  gate.Open();
  while (left < begun) std::this_thread::yield();
  // As many threads as ever take what comes.
  const BusyThreads busy;
}

TEST(CompileThreads, WorkThatIsDoneOrQueuedIsDisownedInVain) {
  CompileThreads& threads = CompileThreads::Global();
  Order order;
  const CompileThreads::Ticket done = threads.Submit(Priority::kQueue, order.Note('d'));
  order.Await(1);
  threads.Disown(done);
  BusyThreads busy;
  const CompileThreads::Ticket queued = threads.Submit(Priority::kQueue, order.Note('q'));
  threads.Disown(queued);
  busy.Release();
  EXPECT_EQ(order.Await(2), "dq");
}

TEST(CompileThreads, BackgroundWorkRunsWhileCallersHoldTheRest) {
  Order order;
  BusyThreads busy;
  CompileThreads::Global().Submit(Priority::kBackground, order.Note('b'));
  EXPECT_EQ(order.Await(1), "b");
}

TEST(CompileThreads, BackgroundWorkIsOfLowerPriorityToTheSystem) {
  std::atomic<int> nice = 0;
  Order order;
  CompileThreads::Global().Submit(Priority::kBackground, [&] {
    nice = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
    order.Note('b')();
  });
  order.Await(1);
  EXPECT_GT(nice, getpriority(PRIO_PROCESS, 0));
}

TEST(CompileThreads, WorkThatIsTakenBackDoesNotRun) {
  bool ran = false;
  CompileThreads& threads = CompileThreads::Global();
  {
    BusyThreads busy;
    const CompileThreads::Ticket ticket = threads.Submit(Priority::kQueue, [&] { ran = true; });
    EXPECT_NE(threads.TakeBack(ticket), nullptr);
    EXPECT_EQ(threads.TakeBack(ticket), nullptr);
  }
  threads.Run([] {});
  EXPECT_FALSE(ran);
}

TEST(CompileThreads, RunWaitsAndHandsExceptionsOver) {
  EXPECT_FALSE(CompileThreads::IsOne());
  bool was_one = false;
  CompileThreads::Global().Run([&] { was_one = CompileThreads::IsOne(); });
  EXPECT_TRUE(was_one);
  EXPECT_THROW(CompileThreads::Global().Run([] { throw std::logic_error("no"); }),
               std::logic_error);
}

TEST(CompileThreads, WorkMayRunFurtherWork) {
  // More at once than there are threads: none may wait for another.
  std::atomic<int> inner = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 32; ++i) {
    callers.emplace_back([&] {
      CompileThreads::Global().Run([&] { CompileThreads::Global().Run([&] { ++inner; }); });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(inner, 32);
}

TEST(CompileThreads, ManyThreadsSubmitAndTakeBackAtOnce) {
  std::atomic<int> ran = 0;
  std::atomic<int> taken = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int j = 0; j < 250; ++j) {
        const auto ticket = CompileThreads::Global().Submit(
            j % 2 == 0 ? Priority::kQueue : Priority::kBackground, [&] { ++ran; });
        if (CompileThreads::Global().TakeBack(ticket) != nullptr) ++taken;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  while (ran + taken < 1000) std::this_thread::yield();
  EXPECT_EQ(ran + taken, 1000);
}

}  // namespace
}  // namespace kiln::jit
