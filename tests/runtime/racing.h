// Eight threads at once, each with a role. Run under the thread sanitizer, too.
#ifndef KILN_TESTS_RUNTIME_RACING_H_
#define KILN_TESTS_RUNTIME_RACING_H_

#include <barrier>
#include <functional>
#include <thread>
#include <vector>

namespace kiln {

inline constexpr int kRacers = 8;

// Runs `body(thread)` in eight threads that start together.
inline void Race(const std::function<void(int)>& body) {
  std::barrier start(kRacers);
  std::vector<std::thread> threads;
  threads.reserve(kRacers);
  for (int thread = 0; thread < kRacers; ++thread) {
    threads.emplace_back([&, thread] {
      start.arrive_and_wait();
      body(thread);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace kiln

#endif  // KILN_TESTS_RUNTIME_RACING_H_
