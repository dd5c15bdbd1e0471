// One call of the tiny kernel on vectors of a single element: what the call itself costs, by every
// way to the same code.
#include <dlfcn.h>

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

void GlobalLookup(benchmark::State& state) {
  GlobalFunction::Register("bench.axpy", JitAxpy().GetFunction("axpy"), true);
  for (auto _ : state) benchmark::DoNotOptimize(GlobalFunction::Find("bench.axpy"));
}
BENCHMARK(GlobalLookup)->ThreadRange(1, 2);

}  // namespace
}  // namespace kiln::testing
