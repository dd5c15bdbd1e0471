// Source to callable: the engine, warm, beside what else a program can do with a source at run
// time, which is to run a compiler and open the library that it writes, or to have libtcc compile
// it. compare_jit.py runs this program and makes the table of ratios.
//
// The engine is linked in, not loaded: a compile asks for what callers can't.
#include <libtcc.h>
#include <sched.h>
#include <string.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "jit/artifact/artifact.h"
#include "jit/artifact/compile_options.h"
#include "jit/session.h"
#include "kiln/kiln.h"
#include "tests/bench/peer_compiler.h"
#include "tests/kernels/kernels.h"

namespace kiln::testing {
namespace {

void PinToCore(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof(cores), &cores);
}

// What is compiled.
struct Kernel {
  std::string name;  // of its function
  std::string file;  // its name
  std::string text;
  jit::Language language;
  std::string standard = "";  // empty: the engine's default
};

std::string SourceFile(const std::string& name) {
  return ReadFile(std::string(KILN_BENCH_SOURCES "/") + name);
}

Kernel Tiny() { return {"tiny", "tiny.c", SourceFile("tiny.c"), jit::Language::kC}; }
Kernel Tiled() { return {"tiled", "tiled.c", SourceFile("tiled.c"), jit::Language::kC}; }
Kernel Shapes(const std::string& standard) {
  return {"shapes", "shapes.cc", SourceFile("shapes.cc"), jit::Language::kCxx, standard};
}
Kernel Axpy() { return {"axpy", "axpy.c", KernelSource("axpy"), jit::Language::kC}; }
Kernel TinyIr() {
  return {"tiny", "tiny.ll", ReadFile(KILN_BENCH_TINY_IR), jit::Language::kLlvmIr};
}

// The text of the kernel, different from that of every other call.
std::string FreshText(const Kernel& kernel) {
  static std::atomic<int> calls{0};
  const char* const comment = kernel.language == jit::Language::kLlvmIr ? "\n; " : "\n// ";
  return kernel.text + comment + std::to_string(calls++) + "\n";
}

jit::CompileOptions AtLevel(int opt_level) {
  jit::CompileOptions options;
  options.opt_level = opt_level;
  return options;
}

// The first of the two compiles of a function that gets better code later.
jit::CompileOptions Quick() {
  jit::CompileOptions options;
  options.quick_tier = true;
  return options;
}

Function CompileOnce(const Kernel& kernel, jit::CompileOptions options) {
  static const std::string kTinyAbi = SourceFile("tiny_abi.h");
  jit::Request request;
  if (kernel.language == jit::Language::kC || kernel.language == jit::Language::kCxx) {
    options.headers = {{"tiny_abi.h", kTinyAbi}};
    options.standard = kernel.standard;
  }
  request.sources = {{kernel.language, kernel.file, FreshText(kernel)}};
  request.options = std::move(options);
  return jit::DefaultSession().Compile(std::move(request)).GetFunction(kernel.name);
}

void Jit(benchmark::State& state, const Kernel& kernel, const jit::CompileOptions& options) {
  PinToCore(state.thread_index());
  CompileOnce(kernel, options);
  for (auto _ : state) benchmark::DoNotOptimize(CompileOnce(kernel, options));
  state.SetItemsProcessed(state.iterations());
}

void Peer(benchmark::State& state, const Kernel& kernel, const std::string& program,
          const std::string& level) {
  PinToCore(0);
  PeerCompiler peer;
  const bool is_c = kernel.language == jit::Language::kC;
  std::vector<std::string> command = {program,
                                      level,
                                      "-march=native",
                                      "-shared",
                                      "-fPIC",
                                      "-I" KILN_BENCH_SOURCES,
                                      "-I" KILN_C_INCLUDE_DIR};
  if (!kernel.standard.empty()) command.push_back("-std=" + kernel.standard);
  for (auto _ : state) {
    const OpenLibrary library(peer.Build(FreshText(kernel), is_c ? ".c" : ".cc", command));
    benchmark::DoNotOptimize(library.Find(kernel.name));
  }
}

void Tcc(benchmark::State& state, const Kernel& kernel) {
  PinToCore(0);
  for (auto _ : state) {
    const std::unique_ptr<TCCState, decltype(&tcc_delete)> tcc(tcc_new(), &tcc_delete);
    tcc_set_options(tcc.get(), "-nostdlib");
    tcc_set_output_type(tcc.get(), TCC_OUTPUT_MEMORY);
    tcc_add_include_path(tcc.get(), KILN_BENCH_SOURCES);
    tcc_add_symbol(tcc.get(), "TVMFFIErrorSetRaisedFromCStr",
                   reinterpret_cast<void*>(&TVMFFIErrorSetRaisedFromCStr));
    tcc_add_symbol(tcc.get(), "memset", reinterpret_cast<void*>(&memset));
    void* address = nullptr;
    if (tcc_compile_string(tcc.get(), FreshText(kernel).c_str()) == 0 &&
        tcc_relocate(tcc.get(), TCC_RELOCATE_AUTO) == 0) {
      address = tcc_get_symbol(tcc.get(), ("__tvm_ffi_" + kernel.name).c_str());
    }
    if (address == nullptr) {
      state.SkipWithError("libtcc failed");
      break;
    }
    benchmark::DoNotOptimize(address);
  }
}

// The same object, linked by the engine and as a shared library.
void LinkObject(benchmark::State& state) {
  PinToCore(0);
  const Kernel kernel = Tiny();
  jit::Request request;
  request.sources = {{kernel.language, kernel.file, kernel.text}};
  request.options = AtLevel(2);
  request.options.headers = {{"tiny_abi.h", SourceFile("tiny_abi.h")}};
  jit::CompileReport report;
  const jit::Artifact artifact = *jit::DefaultSession().CompileOnly(request, &report);
  for (auto _ : state) {
    benchmark::DoNotOptimize(jit::DefaultSession().Load(artifact).GetFunction(kernel.name));
  }
}

void OpenObject(benchmark::State& state) {
  PinToCore(0);
  PeerCompiler peer;
  const std::string path =
      peer.Build(Tiny().text, ".c",
                 {KILN_CLANG, "-O2", "-march=native", "-shared", "-fPIC", "-I" KILN_BENCH_SOURCES});
  for (auto _ : state) benchmark::DoNotOptimize(OpenLibrary(path).Find("tiny"));
}

void FirstCall(benchmark::State& state) {
  PinToCore(0);
  for (auto _ : state) {
    FILE* const output = popen("exec " KILN_BENCH_FIRST_CALL " " KILN_BENCH_SOURCES, "r");
    double seconds = 0;
    const bool read = output != nullptr && std::fscanf(output, "%lf", &seconds) == 1;
    if (output == nullptr || pclose(output) != 0 || !read) {
      state.SkipWithError("jit_first_call failed");
      break;
    }
    state.SetIterationTime(seconds);
  }
}

benchmark::internal::Benchmark* Register(const std::string& name,
                                         const std::function<void(benchmark::State&)>& run) {
  return benchmark::RegisterBenchmark(name.c_str(), run)
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

void RegisterAll() {
  const std::map<std::string, Kernel> kernels = {{"tiny", Tiny()},
                                                 {"tiled", Tiled()},
                                                 {"shapes17", Shapes("gnu++17")},
                                                 {"shapes20", Shapes("gnu++20")},
                                                 {"axpy", Axpy()}};
  const auto jit = [](const std::string& name, const Kernel& kernel,
                      const jit::CompileOptions& options) {
    return Register(name, [=](benchmark::State& state) { Jit(state, kernel, options); });
  };
  const auto peer = [](const std::string& name, const Kernel& kernel, const std::string& program,
                       const std::string& level) {
    Register(name, [=](benchmark::State& state) {
      Peer(state, kernel, program, level);
    })->Iterations(5);
  };
  for (const auto& [name, kernel] : kernels) {
    jit(name + "/O0", kernel, AtLevel(0));
    jit(name + "/quick", kernel, Quick());
    jit(name + "/O2", kernel, AtLevel(2));
    const bool is_c = kernel.language == jit::Language::kC;
    for (const std::string level : {"-O0", "-O2"}) {
      if (is_c) {
        peer(name + "/clang" + level, kernel, KILN_CLANG, level);
      } else {
        peer(name + "/g++" + level, kernel, KILN_BENCH_GXX, level);
      }
    }
  }
  jit("tiny-ir/O0", TinyIr(), AtLevel(0));
  jit("tiny-threads/O0", Tiny(), AtLevel(0))->Threads(1)->Threads(2);
  jit("tiled-threads/O2", Tiled(), AtLevel(2))->Threads(1)->Threads(2);
  Register("tiny/tcc", [](benchmark::State& state) { Tcc(state, Tiny()); });
  Register("tiled/tcc", [](benchmark::State& state) { Tcc(state, Tiled()); });
  Register("object/link", LinkObject);
  Register("object/dlopen", OpenObject);
  benchmark::RegisterBenchmark("first-call", FirstCall)
      ->Unit(benchmark::kMillisecond)
      ->UseManualTime()
      ->Iterations(5);
}

}  // namespace
}  // namespace kiln::testing

int main(int argc, char** argv) {
  kiln::testing::RegisterAll();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
