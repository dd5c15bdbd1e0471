// The run time of real loop nests: Kiln's code at opt_level 3 beside what clang-19 -O3 and gcc -O3
// make of the same file, all for this CPU.
//
//   kernel_bench [ROUNDS [KERNEL...]]
//
// In each round the three take turns on the same memory, filled afresh, pinned to one core. It
// prints one line of JSON a kernel, with the CPU seconds of every round; compare_kernels.py runs
// this program and makes the table.
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/polybench/problem_options.h"
#include "tests/kernels/polybench/problems.h"

namespace kiln::testing {
namespace {

// One compiler's code for a kernel, and what it took in each round.
struct Side {
  const char* name;
  std::function<void(const Arguments&)> run;
  std::vector<double> seconds = {};
};

void PinToThisCore() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(sched_getcpu(), &cores);
  sched_setaffinity(0, sizeof(cores), &cores);
}

// Of this thread's own time, in which other programs on the core don't count.
double SecondsOf(const std::function<void()>& run) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  run();
  return now() - start;
}

void Print(const Problem& problem, const std::vector<Side>& sides) {
  std::printf("{\"kernel\":\"%s\"", problem.name.c_str());
  for (const Side& side : sides) {
    std::printf(",\"%s\":[", side.name);
    for (size_t i = 0; i < side.seconds.size(); ++i) {
      std::printf("%s%.9f", i == 0 ? "" : ",", side.seconds[i]);
    }
    std::printf("]");
  }
  std::printf("}\n");
  std::fflush(stdout);
}

void Measure(const Problem& problem, int rounds, const AotKernels& clang, const AotKernels& gcc) {
  const Function jit =
      jit::Compile(SourceOf(problem), OptionsOf(problem, 3)).GetFunction(problem.name);
  void* const by_clang = clang.Find(problem.name);
  void* const by_gcc = gcc.Find(problem.name);
  std::vector<Side> sides = {
      {"jit", [&](const Arguments& arguments) { Call(jit, arguments); }},
      {"clang", [&](const Arguments& arguments) { problem.call(by_clang, arguments); }},
      {"gcc", [&](const Arguments& arguments) { problem.call(by_gcc, arguments); }},
  };
  const Arguments fresh = problem.make(problem.large);
  const Arguments arguments = problem.make(problem.large);
  for (int round = -1; round < rounds; ++round) {  // round -1 warms up
    for (Side& side : sides) {
      CopyTensors(fresh, arguments);
      const double seconds = SecondsOf([&] { side.run(arguments); });
      if (round >= 0) side.seconds.push_back(seconds);
    }
    std::rotate(sides.begin(), sides.begin() + 1, sides.end());
  }
  std::sort(sides.begin(), sides.end(),
            [](const Side& a, const Side& b) { return std::string(a.name) > b.name; });
  Print(problem, sides);
}

int Run(int rounds, const std::vector<std::string>& wanted) {
  PinToThisCore();
  const AotKernels clang("clang.O3");
  const AotKernels gcc("gcc.O3");
  for (const Problem& problem : Problems()) {
    const bool named = std::find(wanted.begin(), wanted.end(), problem.name) != wanted.end();
    if (wanted.empty() || named) Measure(problem, rounds, clang, gcc);
  }
  return 0;
}

}  // namespace
}  // namespace kiln::testing

int main(int argc, char** argv) {
  try {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
    return kiln::testing::Run(rounds,
                              std::vector<std::string>(argv + std::min(argc, 2), argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
