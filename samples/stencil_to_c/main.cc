// A language that is compiled by way of C: each stencil becomes a function of C, that becomes a
// Function, and its result is held against an interpreter of the same stencil.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iterator>
#include <string>
#include <vector>

#include <kiln/jit.h>
#include <kiln/kiln.h>

#include "samples/stencil_to_c/stencil.h"

namespace {

constexpr int64_t kRows = 300;
constexpr int64_t kColumns = 401;

constexpr const char* kStencils[] = {
    "heat(field u, scalar a) = u + a * (u[-1,0] + u[1,0] + u[0,-1] + u[0,1] - 4 * u)",
    "wave(field u, field v, scalar c) = 2*u - v + c * (u[-1,0] + u[1,0] + u[0,-1] + u[0,1] - 4*u)",
    "sharpen(field u) = u + (4 * u - u[-2,0] - u[2,0] - u[0,-2] - u[0,2]) / 3",
};

template <typename Action>
double MillisecondsOf(Action&& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

kiln::Tensor Grid(uint32_t seed) {
  auto grid = kiln::Tensor::Empty({kRows, kColumns}, kiln::DataTypeOf<double>());
  for (double& cell : grid.elements<double>()) {
    seed = seed * 1664525U + 1013904223U;
    cell = (seed >> 8) / 16777216.0;
  }
  return grid;
}

kiln::Tensor ZeroGrid() {
  auto grid = kiln::Tensor::Empty({kRows, kColumns}, kiln::DataTypeOf<double>());
  std::ranges::fill(grid.elements<double>(), 0.0);
  return grid;
}

kiln::Function Compile(const stencil::Stencil& stencil) {
  // Without fp_contract "off", a*b+c may be rounded once, which the interpreter does not do.
  const kiln::Module module =
      kiln::jit::Compile(stencil::EmitC(stencil), {.name = stencil.name + ".c",
                                                   .opt_level = 3,
                                                   .exports = {stencil.name},
                                                   .more = {{"fp_contract", "off"}}});
  return module.GetFunction(stencil.name);
}

// Compiles one stencil, and runs it both ways. False if the results differ.
bool Show(const char* text) {
  const stencil::Stencil stencil = stencil::Parse(text);
  std::printf("%s\n", text);

  std::vector<kiln::Any> call = {kRows, kColumns};
  std::vector<stencil::Argument> arguments;
  for (const stencil::Parameter& parameter : stencil.parameters) {
    if (parameter.is_field) {
      const kiln::Tensor grid = Grid(static_cast<uint32_t>(call.size()));
      call.emplace_back(grid);
      arguments.push_back({.cells = grid.elements<const double>()});
    } else {
      call.emplace_back(0.1);
      arguments.push_back({.number = 0.1});
    }
  }
  const kiln::Tensor interpreted = ZeroGrid();
  const kiln::Tensor compiled = ZeroGrid();
  call.emplace_back(compiled);
  const std::vector<kiln::AnyView> views(call.begin(), call.end());

  kiln::Function function;
  const double to_compile = MillisecondsOf([&] { function = Compile(stencil); });
  const double to_interpret = MillisecondsOf([&] {
    stencil::Interpret(stencil, kRows, kColumns, arguments, interpreted.elements<double>());
  });
  const double to_run = MillisecondsOf(
      [&] { function.CallPacked(views.data(), static_cast<int32_t>(views.size())); });
  std::printf("  compiled in %.2f ms; one run: interpreted %.2f ms, compiled %.3f ms\n", to_compile,
              to_interpret, to_run);
  return std::ranges::equal(interpreted.elements<const double>(),
                            compiled.elements<const double>());
}

// A mistake in the language is shown where it is, before any C is made.
void ShowMistake() {
  try {
    stencil::Parse("blur(field u) = (u + u[0,1] + v[1,0]) / 3");
  } catch (const kiln::Error& error) {
    std::printf("\na mistake: %s\n", error.what());
  }
}

int Run(const std::vector<const char*>& stencils) {
  std::printf("the C of the first:\n\n%s\n", stencil::EmitC(stencil::Parse(stencils[0])).c_str());
  for (const char* text : stencils) {
    if (!Show(text)) {
      std::printf("the results differ\n");
      return 1;
    }
  }
  ShowMistake();
  std::printf("\nall results agree with the interpreter, bit for bit\n");
  return 0;
}

}  // namespace

// Stencils may be given as arguments.
int main(int argc, char** argv) {
  try {
    std::vector<const char*> stencils(argv + 1, argv + argc);
    if (stencils.empty()) stencils.assign(std::begin(kStencils), std::end(kStencils));
    return Run(stencils);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
