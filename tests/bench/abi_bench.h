// What the ABI costs, measured alike for two implementations of it: a file per implementation fills
// an `Api` with the same small jobs, and RegisterAbiBenchmarks runs them under the same names.
#ifndef KILN_TESTS_BENCH_ABI_BENCH_H_
#define KILN_TESTS_BENCH_ABI_BENCH_H_

#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

namespace kiln::testing {

// Each job does its work once.
struct AbiJobs {
  void (*call_three_ints)();
  void (*call_three_tensors)();
  void (*global_lookup)();
  void (*raise_and_take)();
  void (*failing_module_call)();
  void (*module_lookup)();
  void (*array_of_1000)();
  void (*map_of_1000_ints)();
  void (*map_of_1000_strings)();
};

inline void RegisterAbiBenchmarks(const AbiJobs& jobs) {
  const auto add = [](const char* name, void (*job)()) {
    return benchmark::RegisterBenchmark(name, [job](benchmark::State& state) {
      job();  // what is done once for all is not measured
      for (auto _ : state) job();
    });
  };
  add("TypedCall/three_ints", jobs.call_three_ints);
  add("TypedCall/three_tensors", jobs.call_three_tensors);
  add("GlobalLookup/one_hot_name", jobs.global_lookup)->ThreadRange(1, 2);
  add("Error/raise_and_take", jobs.raise_and_take);
  add("Module/failing_call", jobs.failing_module_call);
  add("Module/function_lookup", jobs.module_lookup);
  add("Array/of_1000_ints", jobs.array_of_1000);
  add("Map/insert_1000_ints", jobs.map_of_1000_ints);
  add("Map/insert_1000_strings", jobs.map_of_1000_strings);
}

// The text of the key of that number: too long to lie inline.
inline std::string MapKeyText(int64_t i) { return "the_key_" + std::to_string(i); }

// Both programs: fill the jobs, register, run.
AbiJobs MakeAbiJobs();

}  // namespace kiln::testing

#endif  // KILN_TESTS_BENCH_ABI_BENCH_H_
