// Source to callable, warm: the engine is loaded and has compiled before. The peer does what a
// framework without a JIT does: writes the source out, runs a compiler, loads the library.
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <benchmark/benchmark.h>

#include "kiln/jit.h"
#include "kiln/kiln.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

// Compiles `file`, one of the test kernels in C, IR or bitcode, at the level of the argument.
void JitSourceToCallable(benchmark::State& state, const std::string& kernel,
                         const std::string& suffix) {
  const std::string file = kernel + suffix;
  const std::string source = suffix == ".c" ? KernelSource(kernel) : ReadFile(KernelFile(file));
  const jit::CompileOptions options{.name = file, .opt_level = static_cast<int>(state.range(0))};
  jit::Compile(source, options);
  for (auto _ : state) {
    Function function = jit::Compile(source, options).GetFunction(kernel);
    benchmark::DoNotOptimize(function);
  }
}

void ClangSharedToCallable(benchmark::State& state, const std::string& kernel) {
  const std::string source = KernelSource(kernel);
  std::string folder = (std::filesystem::temp_directory_path() / "kiln-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    state.SkipWithError("no temporary folder");
    return;
  }
  int run = 0;
  for (auto _ : state) {
    const std::string stem = folder + "/" + std::to_string(run++);
    std::ofstream(stem + ".c") << source;
    const std::string command = KILN_CLANG " -march=native -O" + std::to_string(state.range(0)) +
                                " -shared -fPIC -I" KILN_C_INCLUDE_DIR " " + stem + ".c -o " +
                                stem + ".so " KILN_RUNTIME;
    if (std::system(command.c_str()) != 0) {
      state.SkipWithError("clang failed");
      break;
    }
    Function function = Module::LoadFromFile(stem + ".so").GetFunction(kernel);
    benchmark::DoNotOptimize(function);
  }
  std::filesystem::remove_all(folder);
}

#define KILN_COMPILE_BENCH(kernel)                                         \
  BENCHMARK_CAPTURE(JitSourceToCallable, kernel##_c, #kernel, ".c")        \
      ->DenseRange(0, 3)                                                   \
      ->Unit(benchmark::kMillisecond);                                     \
  BENCHMARK_CAPTURE(JitSourceToCallable, kernel##_ir, #kernel, ".ll")      \
      ->Arg(0)                                                             \
      ->Arg(2)                                                             \
      ->Unit(benchmark::kMillisecond);                                     \
  BENCHMARK_CAPTURE(JitSourceToCallable, kernel##_bitcode, #kernel, ".bc") \
      ->Arg(0)                                                             \
      ->Arg(2)                                                             \
      ->Unit(benchmark::kMillisecond);                                     \
  BENCHMARK_CAPTURE(ClangSharedToCallable, kernel, #kernel)                \
      ->Arg(0)                                                             \
      ->Arg(2)                                                             \
      ->UseRealTime()                                                      \
      ->Unit(benchmark::kMillisecond)

KILN_COMPILE_BENCH(axpy);
KILN_COMPILE_BENCH(sgemm);

}  // namespace
}  // namespace kiln::testing
