// A finished object to callable: linked into memory, beside the same object as a shared library
// that the dynamic linker loads. And many at once: what each takes, in time and memory, and how
// many mappings the process has.
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "jit/link/linker.h"
#include "jit/link/shared_library.h"
#include "tests/jit/compile/compile.h"
#include "tests/kernels/kernels.h"

namespace kiln::jit {
namespace {

constexpr char kTiny[] = "int f(int x) { return 3 * x + 1; }";
constexpr char kLibrary[] =
    "#include <map>\n#include <stdexcept>\n#include <string>\n#include <vector>\n"
    "extern \"C\" int stl(int x) {\n"
    "  std::map<std::string, std::vector<int>> map;\n"
    "  for (int i = 0; i < x; ++i) map[std::to_string(i)].push_back(i);\n"
    "  if (map.empty()) throw std::runtime_error(\"empty\");\n"
    "  return static_cast<int>(map.size());\n"
    "}\n";
constexpr int kMostLibraries = 1000;

Artifact Kernel(const std::string& name) {
  CompileOptions options;
  options.opt_level = 2;
  if (name == "stl") return CompileCxx(kLibrary, options);
  return CompileC(name == "tiny" ? kTiny : kiln::testing::KernelSource(name), options);
}

std::string SymbolOf(const std::string& name) { return name == "tiny" ? "f" : name; }

Linker& TheLinker() {
  static const std::shared_ptr<Linker> kLinker = Linker::Create();
  return *kLinker;
}

// Resident bytes of the process.
double Resident() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double Mappings() {
  std::ifstream maps("/proc/self/maps");
  double lines = 0;
  for (std::string line; std::getline(maps, line);) ++lines;
  return lines;
}

// Copies of one library, which is how a program gets it loaded more than once.
class Libraries {
 public:
  Libraries(const Artifact& artifact, int count) {
    folder_ = (std::filesystem::temp_directory_path() / "kiln-bench-XXXXXX").string();
    if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
    WriteSharedLibrary(artifact, Path(0));
    for (int i = 1; i < count; ++i) std::filesystem::copy_file(Path(0), Path(i));
  }
  ~Libraries() { std::filesystem::remove_all(folder_); }
  Libraries(const Libraries&) = delete;
  Libraries& operator=(const Libraries&) = delete;

  std::string Path(int index) const { return folder_ + "/" + std::to_string(index) + ".so"; }

 private:
  std::string folder_;
};

void LinkAndDrop(benchmark::State& state, const std::string& name) {
  const Artifact artifact = Kernel(name);
  for (auto _ : state) {
    const auto image = TheLinker().Link(artifact);
    benchmark::DoNotOptimize(image->Find(SymbolOf(name)));
  }
}

void OpenAndClose(benchmark::State& state, const std::string& name) {
  const Libraries libraries(Kernel(name), 1);
  for (auto _ : state) {
    void* const library = dlopen(libraries.Path(0).c_str(), RTLD_NOW | RTLD_LOCAL);
    benchmark::DoNotOptimize(dlsym(library, SymbolOf(name).c_str()));
    dlclose(library);
  }
}

// CPU time of the process, in microseconds.
double CpuTime() { return static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC; }

// What each of many took since `start`, in CPU time and resident bytes.
void Count(benchmark::State& state, double start, double resident_before) {
  const auto count = static_cast<double>(state.range(0));
  state.counters["us_each"] = (CpuTime() - start) / count;
  state.counters["bytes_each"] = (Resident() - resident_before) / count;
  state.counters["mappings"] = Mappings();
}

void LinkMany(benchmark::State& state, const std::string& name) {
  const Artifact artifact = Kernel(name);
  std::vector<std::shared_ptr<LoadedImage>> images;
  images.reserve(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    malloc_trim(0);
    const double before = Resident();
    const double start = CpuTime();
    for (int64_t i = 0; i < state.range(0); ++i) images.push_back(TheLinker().Link(artifact));
    state.PauseTiming();
    Count(state, start, before);
    images.clear();
    state.ResumeTiming();
  }
}

void OpenMany(benchmark::State& state, const std::string& name) {
  const Libraries libraries(Kernel(name), static_cast<int>(state.range(0)));
  std::vector<void*> opened;
  for (auto _ : state) {
    const double before = Resident();
    const double start = CpuTime();
    for (int i = 0; i < state.range(0); ++i) {
      opened.push_back(dlopen(libraries.Path(i).c_str(), RTLD_NOW | RTLD_LOCAL));
    }
    state.PauseTiming();
    Count(state, start, before);
    for (void* library : opened) dlclose(library);
    opened.clear();
    state.ResumeTiming();
  }
}

void Unload(benchmark::State& state) {
  const Artifact artifact = Kernel("tiny");
  std::vector<std::shared_ptr<LoadedImage>> images;
  for (auto _ : state) {
    state.PauseTiming();
    for (int64_t i = 0; i < state.range(0); ++i) images.push_back(TheLinker().Link(artifact));
    const double before = Resident();
    state.ResumeTiming();
    const double start = CpuTime();
    images.clear();
    Count(state, start, before);
  }
}

#define KILN_LINK_BENCH(kernel)                                                   \
  BENCHMARK_CAPTURE(LinkAndDrop, kernel, #kernel)->Unit(benchmark::kMicrosecond); \
  BENCHMARK_CAPTURE(OpenAndClose, kernel, #kernel)->Unit(benchmark::kMicrosecond)

KILN_LINK_BENCH(tiny);
KILN_LINK_BENCH(add);
KILN_LINK_BENCH(sgemm);
KILN_LINK_BENCH(stl);
// Threads don't wait for each other: twice the links in the same time.
BENCHMARK_CAPTURE(LinkAndDrop, tiny_on_threads, "tiny")
    ->ThreadRange(1, 2)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(LinkMany, tiny, "tiny")
    ->Arg(kMostLibraries)
    ->Arg(10000)
    ->Arg(100000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(LinkMany, add, "add")->Arg(10000)->Iterations(1)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(OpenMany, tiny, "tiny")
    ->Arg(kMostLibraries)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(Unload)->Arg(10000)->Iterations(3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kiln::jit
