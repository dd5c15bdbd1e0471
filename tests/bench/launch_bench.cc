// What a launch of a CUDA kernel costs beside the driver's own call: on the stand-in driver
// (tests/jit/device/standin), which checks launches and runs nothing.
#include <dlfcn.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <benchmark/benchmark.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/jit/device/standin/functions.h"
#include "tests/jit/device/standin/standin.h"

namespace kiln::testing {
namespace {

// The driver's function of that name, as a program finds it.
template <class Function>
Function* DriverFunction(const char* name, Function*) {
  static void* const kDriver = dlopen(KILN_STANDIN_DRIVER, RTLD_NOW);
  using GetProcAddress = int (*)(const char*, void**, int, uint64_t, int*);
  const auto get = reinterpret_cast<GetProcAddress>(dlsym(kDriver, "cuGetProcAddress_v2"));
  void* address = nullptr;
  int status = 0;
  get(name, &address, 13000, 0, &status);
  return reinterpret_cast<Function*>(address);
}
#define KILN_DRIVER(name) DriverFunction(#name, &standin::name)

const int kStandInIsChosen = setenv("KILN_CUDA_DRIVER", KILN_STANDIN_DRIVER, 1);

std::string Source() {
  std::ifstream file(KILN_CUDA_KERNELS "/vector_add.cu");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// vector_add.cu with its host function and its kernel as functions.
const Module& Compiled() {
  static const Module kModule = jit::Compile(
      Source(), {.name = "vector_add.cu",
                 .exports = {"vector_add", "add"},
                 .more = {{"cuda_archs", Array<String>{"sm_80"}}, {"launch", "grid=1 block=256"}}});
  return kModule;
}

// Three vectors of one element on GPU 0, and their number.
struct Arguments {
  float values[3] = {1, 2, 3};
  int64_t shape = 1;
  DLTensor tensors[3]{};
  AnyView packed[4] = {&tensors[0], &tensors[1], &tensors[2], 1};

  Arguments() {
    for (int i = 0; i < 3; ++i) {
      tensors[i].data = &values[i];
      tensors[i].device = {kDLCUDA, 0};
      tensors[i].ndim = 1;
      tensors[i].dtype = DataTypeOf<float>();
      tensors[i].shape = &shape;
    }
  }
};

void DriverAlone(benchmark::State& state) {
  const std::string ptx = Compiled()->InspectSource("ptx").str();
  void* context = nullptr;
  void* library = nullptr;
  void* kernel = nullptr;
  if (KILN_DRIVER(cuInit)(0) != 0 || KILN_DRIVER(cuDevicePrimaryCtxRetain)(&context, 0) != 0 ||
      KILN_DRIVER(cuCtxSetCurrent)(context) != 0 ||
      KILN_DRIVER(cuLibraryLoadData)(&library, ptx.c_str(), nullptr, nullptr, 0, nullptr, nullptr,
                                     0) != 0 ||
      KILN_DRIVER(cuLibraryGetKernel)(&kernel, library, "_Z3addPKfS0_Pfi") != 0) {
    state.SkipWithError("the stand-in refuses the kernel");
    return;
  }
  Arguments arguments;
  void* pointers[3] = {&arguments.values[0], &arguments.values[1], &arguments.values[2]};
  int n = 1;
  void* parameters[] = {&pointers[0], &pointers[1], &pointers[2], &n};
  const auto launch = KILN_DRIVER(cuLaunchKernelEx);
  const standin::LaunchConfig config{{1, 1, 1}, {256, 1, 1}, 0, nullptr, nullptr, 0};
  kiln_standin_record(0);
  for (auto _ : state) benchmark::DoNotOptimize(launch(&config, kernel, parameters, nullptr));
}
BENCHMARK(DriverAlone);

void Launch(benchmark::State& state, const char* name) {
  const Function function = Compiled().GetFunction(name);
  Arguments arguments;
  function.CallPacked(arguments.packed, 4);
  kiln_standin_record(0);
  for (auto _ : state) benchmark::DoNotOptimize(function.CallPacked(arguments.packed, 4));
}
BENCHMARK_CAPTURE(Launch, host_function, "vector_add");
BENCHMARK_CAPTURE(Launch, kernel_as_a_function, "add");

}  // namespace
}  // namespace kiln::testing
