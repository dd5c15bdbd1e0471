#include "tests/kernels/polybench/problems.h"

#include <dlfcn.h>

#include <cstring>
#include <initializer_list>
#include <utility>

#include "kiln/error.h"
#include "kiln/tensor.h"
#include "tests/kernels/kernels.h"
#include "tests/kernels/polybench/polybench.h"

namespace kiln::testing {
namespace {

class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed * 2654435761U + 1) {}
  uint32_t Next() { return (state_ = state_ * 1664525U + 1013904223U) >> 8; }
  uint32_t Below(uint32_t bound) { return Next() % bound; }

 private:
  uint32_t state_;
};

Tensor Filled(std::initializer_list<int64_t> shape, uint32_t seed) {
  const Tensor tensor = Tensor::Empty(shape, DataTypeOf<double>());
  Random random(seed);
  for (double& element : tensor.elements<double>()) element = random.Next() / 16777216.0;
  return tensor;
}

// Doubles from 0 to 1.
Tensor Vector(int64_t n, uint32_t seed) { return Filled({n}, seed); }
Tensor Matrix(int64_t n, int64_t m, uint32_t seed) { return Filled({n, m}, seed); }
Tensor Square(int64_t n, uint32_t seed) { return Filled({n, n}, seed); }

Tensor Zeros(int64_t n, int64_t m = 1) {
  const Tensor tensor = Tensor::Empty({n, m}, DataTypeOf<double>());
  for (double& element : tensor.elements<double>()) element = 0;
  return tensor;
}

// Symmetric, and so heavy on the diagonal that it can be factored without pivots.
Tensor Definite(int64_t n, uint32_t seed) {
  const Tensor tensor = Square(n, seed);
  const auto a = tensor.elements<double>();
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j) a[j * n + i] = a[i * n + j];
    a[i * n + i] += static_cast<double>(n);
  }
  return tensor;
}

// Falls and is convex, as the autocorrelation of a series may be.
Tensor Autocorrelation(int64_t n) {
  const Tensor tensor = Tensor::Empty({n}, DataTypeOf<double>());
  double lag = 2;
  for (double& element : tensor.elements<double>()) element = 1.0 / lag++;
  return tensor;
}

Tensor Distances(int64_t n) {
  const Tensor tensor = Tensor::Empty({n, n}, DataTypeOf<int32_t>());
  const auto distance = tensor.elements<int32_t>();
  Random random(7);
  for (int32_t& element : distance) element = 1 + static_cast<int32_t>(random.Below(999));
  for (int64_t i = 0; i < n; ++i) distance[i * n + i] = 0;
  return tensor;
}

Tensor Bases(int64_t n) {
  const Tensor tensor = Tensor::Empty({n}, DataTypeOf<int8_t>());
  Random random(8);
  for (int8_t& element : tensor.elements<int8_t>()) {
    element = static_cast<int8_t>(random.Below(4));
  }
  return tensor;
}

Tensor NoScores(int64_t n) {
  const Tensor tensor = Tensor::Empty({n, n}, DataTypeOf<int32_t>());
  for (int32_t& element : tensor.elements<int32_t>()) element = 0;
  return tensor;
}

// The arguments of each kernel for a size n. Some sides are a little longer or shorter than n, so
// that rows and columns taken for each other show.
// clang-format off
Arguments Gemm(int64_t n) {
  return {n, n + 6, n + 3, 1.25, 0.75, Matrix(n, n + 3, 1), Matrix(n + 3, n + 6, 2),
          Matrix(n, n + 6, 3)};
}
Arguments Mm2(int64_t n) {
  return {n, 1.25, 0.75, Square(n, 1), Square(n, 2), Square(n, 3), Zeros(n, n), Square(n, 4)};
}
Arguments Mm3(int64_t n) {
  return {n, Square(n, 1), Square(n, 2), Square(n, 3), Square(n, 4), Zeros(n, n),
          Zeros(n, n), Zeros(n, n)};
}
Arguments Atax(int64_t n) {
  return {n, n + 7, Matrix(n, n + 7, 1), Vector(n + 7, 2), Zeros(n), Zeros(n + 7)};
}
Arguments Bicg(int64_t n) {
  return {n, n + 5, Matrix(n, n + 5, 1), Vector(n, 2), Vector(n + 5, 3), Zeros(n + 5), Zeros(n)};
}
Arguments Mvt(int64_t n) {
  return {n, Square(n, 1), Vector(n, 2), Vector(n, 3), Vector(n, 4), Vector(n, 5)};
}
Arguments Gesummv(int64_t n) {
  return {n, 1.25, 0.75, Square(n, 1), Square(n, 2), Vector(n, 3), Zeros(n)};
}
Arguments Syrk(int64_t n) {
  return {n, n + 4, 1.25, 0.75, Matrix(n, n + 4, 1), Square(n, 2)};
}
Arguments Trmm(int64_t n) {
  return {n, n + 9, 1.25, Square(n, 1), Matrix(n, n + 9, 2)};
}
Arguments Jacobi1d(int64_t n) {
  return {200, n, Vector(n, 1), Vector(n, 2)};
}
Arguments Jacobi2d(int64_t n) {
  return {20, n, Square(n, 1), Square(n, 2)};
}
Arguments Seidel2d(int64_t n) {
  return {10, n, Square(n, 1)};
}
Arguments Fdtd2d(int64_t n) {
  return {20, n, n + 5, Vector(20, 1), Matrix(n, n + 5, 2), Matrix(n, n + 5, 3),
          Matrix(n, n + 5, 4)};
}
Arguments Heat3d(int64_t n) {
  return {10, n, Matrix(n * n, n, 1), Matrix(n * n, n, 2)};
}
Arguments Cholesky(int64_t n) {
  return {n, Definite(n, 1)};
}
Arguments Lu(int64_t n) {
  return {n, Definite(n, 2)};
}
Arguments Durbin(int64_t n) {
  return {n, Autocorrelation(n), Zeros(n), Zeros(n)};
}
Arguments Correlation(int64_t n) {
  return {n, n - 6, Matrix(n, n - 6, 1), Zeros(n - 6), Zeros(n - 6), Zeros(n - 6, n - 6)};
}
Arguments Covariance(int64_t n) {
  return {n, n - 4, Matrix(n, n - 4, 1), Zeros(n - 4), Zeros(n - 4, n - 4)};
}
Arguments FloydWarshall(int64_t n) {
  return {n, Distances(n)};
}
Arguments Nussinov(int64_t n) {
  return {n, Bases(n), NoScores(n)};
}
// clang-format on

template <typename T>
T Take(const Any& argument) {
  if constexpr (std::is_pointer_v<T>) {
    return static_cast<T>(argument.cast<Tensor>().data());
  } else {
    return argument.cast<T>();
  }
}

template <typename Signature>
struct Caller;
template <typename... Parameters>
struct Caller<void(Parameters...)> {
  static void Call(void* function, const Arguments& arguments) {
    if (arguments.size() != sizeof...(Parameters)) {
      throw Error("TypeError", "expected " + std::to_string(sizeof...(Parameters)) +
                                   " arguments, got " + std::to_string(arguments.size()));
    }
    [&]<size_t... i>(std::index_sequence<i...>) {
      reinterpret_cast<void (*)(Parameters...)>(function)(Take<Parameters>(arguments[i])...);
    }(std::index_sequence_for<Parameters...>());
  }
};

template <typename Signature>
Problem Make(const char* name, int64_t small, int64_t large, Arguments (*make)(int64_t)) {
  return {name, small, large, make, &Caller<Signature>::Call};
}

// The columns: the name, a small and a large size, what makes the arguments.
std::vector<Problem> AllProblems() {
  return {
      Make<decltype(gemm)>("gemm", 37, 320, &Gemm),
      Make<decltype(mm2)>("mm2", 35, 240, &Mm2),
      Make<decltype(mm3)>("mm3", 33, 220, &Mm3),
      Make<decltype(atax)>("atax", 45, 1200, &Atax),
      Make<decltype(bicg)>("bicg", 43, 1200, &Bicg),
      Make<decltype(mvt)>("mvt", 47, 1200, &Mvt),
      Make<decltype(gesummv)>("gesummv", 41, 1000, &Gesummv),
      Make<decltype(syrk)>("syrk", 39, 300, &Syrk),
      Make<decltype(trmm)>("trmm", 31, 340, &Trmm),
      Make<decltype(jacobi_1d)>("jacobi_1d", 131, 20000, &Jacobi1d),
      Make<decltype(jacobi_2d)>("jacobi_2d", 37, 500, &Jacobi2d),
      Make<decltype(seidel_2d)>("seidel_2d", 35, 400, &Seidel2d),
      Make<decltype(fdtd_2d)>("fdtd_2d", 33, 400, &Fdtd2d),
      Make<decltype(heat_3d)>("heat_3d", 15, 70, &Heat3d),
      Make<decltype(cholesky)>("cholesky", 43, 440, &Cholesky),
      Make<decltype(lu)>("lu", 41, 400, &Lu),
      Make<decltype(durbin)>("durbin", 123, 3000, &Durbin),
      Make<decltype(correlation)>("correlation", 37, 220, &Correlation),
      Make<decltype(covariance)>("covariance", 39, 320, &Covariance),
      Make<decltype(floyd_warshall)>("floyd_warshall", 45, 320, &FloydWarshall),
      Make<decltype(nussinov)>("nussinov", 53, 360, &Nussinov),
  };
}

}  // namespace

std::span<const Problem> Problems() {
  static const std::vector<Problem> kProblems = AllProblems();
  return kProblems;
}

void Call(const Function& function, const Arguments& arguments) {
  const std::vector<AnyView> views(arguments.begin(), arguments.end());
  function.CallPacked(views.data(), static_cast<int32_t>(views.size()));
}

void CopyTensors(const Arguments& from, const Arguments& to) {
  for (size_t i = 0; i < from.size(); ++i) {
    const auto source = from[i].try_cast<Tensor>();
    if (!source) continue;
    std::memcpy(to[i].cast<Tensor>().data(), source->data(),
                source->numel() * static_cast<size_t>(source->dtype().bits) / 8);
  }
}

std::string BytesOf(const Arguments& arguments) {
  std::string bytes;
  for (const Any& argument : arguments) {
    const auto tensor = argument.try_cast<Tensor>();
    if (!tensor) continue;
    bytes.append(static_cast<const char*>(tensor->data()),
                 tensor->numel() * static_cast<size_t>(tensor->dtype().bits) / 8);
  }
  return bytes;
}

std::string SourceOf(const Problem& problem) { return KernelSource("polybench/" + problem.name); }

std::string HeaderText() { return ReadFile(KILN_KERNEL_SOURCE_DIR "/polybench/polybench.h"); }

std::string IrOf(const Problem& problem, int opt_level) {
  return ReadFile(
      KernelFile("polybench/O" + std::to_string(opt_level) + "/" + problem.name + ".ll"));
}

AotKernels::AotKernels(const std::string& build)
    : library_(dlopen(KernelFile("polybench/polybench." + build + ".so").c_str(),
                      RTLD_NOW | RTLD_LOCAL)) {
  if (library_ == nullptr) throw Error("RuntimeError", dlerror());
}

AotKernels::~AotKernels() { dlclose(library_); }

void* AotKernels::Find(const std::string& name) const {
  void* function = dlsym(library_, name.c_str());
  if (function == nullptr) throw Error("RuntimeError", dlerror());
  return function;
}

}  // namespace kiln::testing
