#include "runtime/rcu.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace kiln::runtime {
namespace {

using namespace std::chrono_literals;

TEST(Rcu, WriterDoesNotWaitWithoutReaders) {
  {
    const ReadSection section;
  }
  WaitForReaders();
}

TEST(Rcu, WriterWaitsForTheSectionThatIsUnderWay) {
  std::atomic<bool> entered{false};
  std::atomic<bool> leave{false};
  std::atomic<bool> waited{false};
  std::thread reader([&] {
    const ReadSection section;
    entered = true;
    while (!leave) std::this_thread::yield();
    EXPECT_FALSE(waited);
  });
  while (!entered) std::this_thread::yield();
  std::thread writer([&] {
    WaitForReaders();
    waited = true;
  });
  std::this_thread::sleep_for(20ms);
  leave = true;
  reader.join();
  writer.join();
  EXPECT_TRUE(waited);
}

TEST(Rcu, WriterDoesNotWaitForLaterSections) {
  std::atomic<bool> stop{false};
  std::atomic<int> sections{0};
  std::thread reader([&] {
    while (!stop) {
      const ReadSection section;
      ++sections;
    }
  });
  while (sections == 0) std::this_thread::yield();
  for (int i = 0; i < 1000; ++i) WaitForReaders();
  stop = true;
  reader.join();
}

TEST(Rcu, ReplacedObjectIsNotSeenAfterTheWait) {
  struct Object {
    std::atomic<bool> alive{true};
  };
  std::vector<Object> objects(2000);
  std::atomic<Object*> current{objects.data()};
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const ReadSection section;
        EXPECT_TRUE(current.load()->alive.load(std::memory_order_relaxed));
      }
    });
  }
  for (size_t i = 1; i < objects.size(); ++i) {
    Object* replaced = current.exchange(&objects[i]);
    WaitForReaders();
    replaced->alive.store(false, std::memory_order_relaxed);
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

// Its destructor reads after the thread has given its slot back.
struct ReadsAtTheEnd {
  ~ReadsAtTheEnd() {
    const ReadSection section;
    ++*count;
  }
  std::atomic<int>* count = nullptr;
};

TEST(Rcu, ThreadMayReadWhileItEnds) {
  std::atomic<int> count{0};
  for (int i = 0; i < 100; ++i) {
    std::thread([&] {
      thread_local ReadsAtTheEnd last;
      last.count = &count;
      const ReadSection section;
    }).join();
  }
  EXPECT_EQ(count, 100);
  WaitForReaders();
}

// ThreadSanitizer does not follow a fork of a process with threads.
#if !defined(__SANITIZE_THREAD__)
TEST(Rcu, ForkedChildDoesNotWaitForItsParentsThreads) {
  std::atomic<bool> entered{false};
  std::atomic<bool> leave{false};
  std::thread reader([&] {
    const ReadSection section;
    entered = true;
    while (!leave) std::this_thread::yield();
  });
  while (!entered) std::this_thread::yield();
  const pid_t child = fork();
  if (child == 0) {
    WaitForReaders();
    _exit(0);
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  leave = true;
  reader.join();
}
#endif

}  // namespace
}  // namespace kiln::runtime
