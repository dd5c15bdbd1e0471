// One call of the tiny kernel on vectors of a single element: what the call itself costs, by every
// way to the same code.
#include <dlfcn.h>

#include <cstdint>
#include <initializer_list>

#include <benchmark/benchmark.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

// The packed arguments of axpy on one element, borrowed from the tensors.
struct Arguments {
  Tensor x = SampleTensor({1}, 1);
  Tensor y = SampleTensor({1}, 2);
  AnyView packed[3] = {1.5, x, y};
};

void CallPacked(benchmark::State& state, const Function& function) {
  const Arguments arguments;
  for (auto _ : state) {
    benchmark::DoNotOptimize(function.CallPacked(arguments.packed, 3));
  }
}

Module JitAxpy() { return jit::Compile(KernelSource("axpy"), {.name = "axpy.c"}); }
Module AotAxpy() { return Module::LoadFromFile(KernelFile("axpy.clang.O2.so")); }

void PackedCallJit(benchmark::State& state) { CallPacked(state, JitAxpy().GetFunction("axpy")); }
BENCHMARK(PackedCallJit);

void PackedCallAot(benchmark::State& state) { CallPacked(state, AotAxpy().GetFunction("axpy")); }
BENCHMARK(PackedCallAot);

void RawFunctionPointer(benchmark::State& state) {
  void* library = dlopen(KernelFile("axpy.clang.O2.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto function = reinterpret_cast<TVMFFISafeCallType>(dlsym(library, "__tvm_ffi_axpy"));
  const Arguments arguments;
  TVMFFIAny result{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(function(nullptr, &arguments.packed[0].raw(), 3, &result));
  }
}
BENCHMARK(RawFunctionPointer);

void TypedCallJit(benchmark::State& state) {
  const Function function = JitAxpy().GetFunction("axpy");
  const Arguments arguments;
  for (auto _ : state) benchmark::DoNotOptimize(function(1.5, arguments.x, arguments.y));
}
BENCHMARK(TypedCallJit);

void TypedCallAot(benchmark::State& state) {
  const Function function = AotAxpy().GetFunction("axpy");
  const Arguments arguments;
  for (auto _ : state) benchmark::DoNotOptimize(function(1.5, arguments.x, arguments.y));
}
BENCHMARK(TypedCallAot);

// What a wrapper of Kiln adds to a plain function of three tensors: the same function through a C
// pointer, as an export of plain code, and with its arguments unpacked by hand.
struct ThreeTensors {
  explicit ThreeTensors(std::initializer_list<int64_t> shape)
      : x(SampleTensor(shape, 1)), y(SampleTensor(shape, 2)), z(SampleTensor(shape, 3)) {}
  Tensor x, y, z;
  AnyView packed[3] = {x, y, z};
};

Module JitAdd() { return jit::Compile(KernelSource("add"), {.name = "add.c", .exports = {"add"}}); }

void CallAdd(benchmark::State& state, const Function& function,
             std::initializer_list<int64_t> shape) {
  const ThreeTensors tensors(shape);
  for (auto _ : state) benchmark::DoNotOptimize(function.CallPacked(tensors.packed, 3));
}

void AddRawPointer(benchmark::State& state) {
  void* library = dlopen(KernelFile("add.clang.O2.so").c_str(), RTLD_NOW | RTLD_LOCAL);
  auto add = reinterpret_cast<void (*)(const float*, const float*, float*)>(dlsym(library, "add"));
  const ThreeTensors tensors({1});
  const auto* x = static_cast<const float*>(tensors.x.data());
  const auto* y = static_cast<const float*>(tensors.y.data());
  auto* z = static_cast<float*>(tensors.z.data());
  for (auto _ : state) {
    benchmark::DoNotOptimize(add);
    add(x, y, z);
  }
}
BENCHMARK(AddRawPointer);

void AddPlainExport(benchmark::State& state, std::initializer_list<int64_t> shape) {
  CallAdd(state, JitAdd().GetFunction("add"), shape);
}
BENCHMARK_CAPTURE(AddPlainExport, vectors, {1});
BENCHMARK_CAPTURE(AddPlainExport, matrices, {2, 2});
BENCHMARK_CAPTURE(AddPlainExport, three_dimensions, {2, 2, 2});

void AddPackedByHand(benchmark::State& state) {
  CallAdd(state, JitAdd().GetFunction("add_by_hand"), {1});
}
BENCHMARK(AddPackedByHand);

// The way to a function and back, without any argument looked at.
void EmptyCall(benchmark::State& state) { CallAdd(state, JitAdd().GetFunction("nothing"), {1}); }
BENCHMARK(EmptyCall);

void GlobalLookup(benchmark::State& state) {
  GlobalFunction::Register("bench.axpy", JitAxpy().GetFunction("axpy"), true);
  for (auto _ : state) benchmark::DoNotOptimize(GlobalFunction::Find("bench.axpy"));
}
BENCHMARK(GlobalLookup)->ThreadRange(1, 2);

}  // namespace
}  // namespace kiln::testing
