// The same jobs by the reference's headers on the reference's library.
#include <cstdlib>
#include <vector>

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>

#include "tests/bench/abi_bench.h"

namespace kiln::testing {
namespace {

namespace ffi = tvm::ffi;

struct MallocAllocator {
  void AllocData(DLTensor* tensor) { tensor->data = std::malloc(64); }
  void FreeData(DLTensor* tensor) { std::free(tensor->data); }
};

struct Things {
  ffi::Function add =
      ffi::Function::FromTyped([](int64_t a, int64_t b, int64_t c) { return a + b + c; });
  ffi::Function ranks = ffi::Function::FromTyped(
      [](ffi::TensorView a, ffi::TensorView b, ffi::TensorView c) -> int64_t {
        return a.ndim() + b.ndim() + c.ndim();
      });
  ffi::Tensor tensor = ffi::Tensor::FromNDAlloc(MallocAllocator(), ffi::Shape({4}),
                                                DLDataType{kDLFloat, 32, 1}, DLDevice{kDLCPU, 0});
  ffi::Module module = ffi::Module::LoadFromFile(KILN_KERNEL_BINARY_DIR "/fail.cc.O2.so");
  ffi::Function fail = *module->GetFunction("fail");

  std::vector<ffi::String> keys;

  Things() {
    ffi::Function::SetGlobal("bench.add", add, true);
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
            const ffi::Tensor& t = The().tensor;
            benchmark::DoNotOptimize(The().ranks(t, t, t).cast<int64_t>());
          },
      .global_lookup = [] { benchmark::DoNotOptimize(ffi::Function::GetGlobal("bench.add")); },
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
            } catch (const ffi::Error& error) {
              benchmark::DoNotOptimize(error.get());
            }
          },
      .module_lookup =
          [] { benchmark::DoNotOptimize(The().module->GetFunction("fail").has_value()); },
      .array_of_1000 =
          [] {
            ffi::Array<int64_t> array;
            for (int64_t i = 0; i < 1000; ++i) array.push_back(i);
            int64_t sum = 0;
            for (size_t i = 0; i < array.size(); ++i) sum += array[i];
            benchmark::DoNotOptimize(sum);
          },
      .map_of_1000_ints =
          [] {
            ffi::Map<int64_t, int64_t> map;
            for (int64_t i = 0; i < 1000; ++i) map.Set(i, i);
            benchmark::DoNotOptimize(map.size());
          },
      .map_of_1000_strings =
          [] {
            ffi::Map<ffi::String, int64_t> map;
            for (int64_t i = 0; i < 1000; ++i) map.Set(The().keys[static_cast<size_t>(i)], i);
            benchmark::DoNotOptimize(map.size());
          },
  };
}

}  // namespace kiln::testing
