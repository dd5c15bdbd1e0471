// A language that is compiled by way of LLVM IR: each program becomes the text of a function, that
// becomes a Function, and its result is held against an interpreter of the same program.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <kiln/jit.h>
#include <kiln/kiln.h>

#include "samples/expression_to_ir/expression.h"

namespace {

using expression::Abs;
using expression::Program;
using expression::Select;
using expression::Sqrt;
using expression::Value;

constexpr int64_t kElements = 100003;

template <typename Action>
double MillisecondsOf(Action&& action) {
  const auto start = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

kiln::Tensor Vector(uint32_t seed) {
  auto vector = kiln::Tensor::Empty({kElements}, kiln::DataTypeOf<double>());
  for (double& element : vector.elements<double>()) {
    seed = seed * 1664525U + 1013904223U;
    element = (seed >> 8) / 8388608.0 - 1.0;
  }
  return vector;
}

kiln::Function Compile(const Program& program) {
  const kiln::Module module = kiln::jit::Compile(
      expression::EmitIr(program),
      {.name = program.name() + ".ll", .opt_level = 3, .exports = {program.name()}});
  return module.GetFunction(program.name());
}

// Compiles one program, and runs it both ways. False if the results differ.
bool Agrees(const Program& program) {
  std::vector<kiln::Any> call;
  std::vector<std::span<const double>> inputs;
  for (size_t i = 0; i < program.inputs().size(); ++i) {
    const kiln::Tensor input = Vector(static_cast<uint32_t>(i));
    call.emplace_back(input);
    inputs.push_back(input.elements<const double>());
  }
  const auto compiled = kiln::Tensor::Empty({kElements}, kiln::DataTypeOf<double>());
  std::ranges::fill(compiled.elements<double>(), 0.0);
  call.emplace_back(compiled);
  call.emplace_back(kElements);
  const std::vector<kiln::AnyView> views(call.begin(), call.end());

  kiln::Function function;
  std::vector<double> interpreted(kElements);
  const double to_compile = MillisecondsOf([&] { function = Compile(program); });
  const double to_interpret =
      MillisecondsOf([&] { expression::Interpret(program, inputs, interpreted); });
  const double to_run = MillisecondsOf(
      [&] { function.CallPacked(views.data(), static_cast<int32_t>(views.size())); });
  std::printf("%-12s compiled in %.2f ms; one run: interpreted %.2f ms, compiled %.3f ms\n",
              program.name().c_str(), to_compile, to_interpret, to_run);
  return std::ranges::equal(interpreted, compiled.elements<const double>());
}

// The distance of two points of the plane.
bool Distance() {
  Program program("distance");
  const Value x1 = program.Input("x1");
  const Value y1 = program.Input("y1");
  const Value x2 = program.Input("x2");
  const Value y2 = program.Input("y2");
  const Value dx = x1 - x2;
  const Value dy = y1 - y2;
  program.Return(Sqrt(dx * dx + dy * dy));
  std::printf("the IR of the first:\n\n%s\n", expression::EmitIr(program).c_str());
  return Agrees(program);
}

// Huber's loss: a square near zero, a straight line farther out.
bool Huber() {
  Program program("huber");
  const Value target = program.Input("target");
  const Value guess = program.Input("guess");
  const Value miss = Abs(target - guess);
  program.Return(Select(miss < program.Number(0.5), 0.5 * (miss * miss), 0.5 * (miss - 0.25)));
  return Agrees(program);
}

// A polynomial of any degree by Horner's rule: here C++ is the macro language.
bool Polynomial() {
  Program program("polynomial");
  const Value x = program.Input("x");
  Value sum = program.Number(1.0);
  for (int i = 20; i > 0; --i) sum = x * sum / static_cast<double>(i) + 1.0;
  program.Return(sum);
  return Agrees(program);
}

}  // namespace

int main() {
  try {
    if (!Distance() || !Huber() || !Polynomial()) {
      std::printf("the results differ\n");
      return 1;
    }
    std::printf("\nall results agree with the interpreter, bit for bit\n");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
