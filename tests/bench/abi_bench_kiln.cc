#include <vector>

#include "kiln/kiln.h"
#include "tests/bench/abi_bench.h"

namespace kiln::testing {
namespace {

// Never destroyed: the benchmarks run until the process ends.
struct Things {
  Function add = Function::FromTyped([](int64_t a, int64_t b, int64_t c) { return a + b + c; });
  Function ranks = Function::FromTyped(
      [](TensorView a, TensorView b, TensorView c) { return a.ndim() + b.ndim() + c.ndim(); });
  Tensor tensor = Tensor::Empty({4}, DataTypeOf<float>());
  Module module = Module::LoadFromFile(KILN_KERNEL_BINARY_DIR "/fail.cc.O2.so");
  Function fail = module.GetFunction("fail");

  std::vector<String> keys;

  Things() {
    GlobalFunction::Register("bench.add", add, true);
    for (int64_t i = 0; i < 1000; ++i) keys.emplace_back(MapKeyText(i));
  }
};

Things& The() {
  static auto* const things = new Things();
  return *things;
}

}  // namespace

AbiJobs MakeAbiJobs() {
  The();
  return {
      .call_three_ints = [] { benchmark::DoNotOptimize(The().add(1, 2, 3).cast<int64_t>()); },
      .call_three_tensors =
          [] {
            const Tensor& t = The().tensor;
            benchmark::DoNotOptimize(The().ranks(t, t, t).cast<int64_t>());
          },
      .global_lookup = [] { benchmark::DoNotOptimize(GlobalFunction::Find("bench.add")); },
      .raise_and_take =
          [] {
            TVMFFIErrorSetRaisedFromCStr("ValueError", "a message of middling length");
            TVMFFIObjectHandle error = nullptr;
            TVMFFIErrorMoveFromRaised(&error);
            TVMFFIObjectDecRef(error);
          },
      .failing_module_call =
          [] {
            try {
              The().fail();
            } catch (const Error& error) {
              benchmark::DoNotOptimize(error.get());
            }
          },
      .module_lookup =
          [] { benchmark::DoNotOptimize(The().module.FindFunction("fail").has_value()); },
      .array_of_1000 =
          [] {
            Array<int64_t> array;
            for (int64_t i = 0; i < 1000; ++i) array.push_back(i);
            int64_t sum = 0;
            for (size_t i = 0; i < array.size(); ++i) sum += array[i];
            benchmark::DoNotOptimize(sum);
          },
      .map_of_1000_ints =
          [] {
            Map<int64_t, int64_t> map;
            for (int64_t i = 0; i < 1000; ++i) map.Set(i, i);
            benchmark::DoNotOptimize(map.size());
          },
      .map_of_1000_strings =
          [] {
            Map<String, int64_t> map;
            for (int64_t i = 0; i < 1000; ++i) map.Set(The().keys[static_cast<size_t>(i)], i);
            benchmark::DoNotOptimize(map.size());
          },
  };
}

}  // namespace kiln::testing
