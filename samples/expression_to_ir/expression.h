// A language inside C++: arithmetic on whole vectors, written with C++'s own operators.
//
//   Program program("length");
//   const Value x = program.Input("x");
//   const Value y = program.Input("y");
//   program.Return(Sqrt(x * x + y * y));
//
// A Program is a list of instructions, each of which may use the results of earlier ones, for one
// element of the vectors: what LLVM calls static single assignment. Nothing is computed until it is
// compiled or interpreted.
#ifndef KILN_SAMPLES_EXPRESSION_TO_IR_EXPRESSION_H_
#define KILN_SAMPLES_EXPRESSION_TO_IR_EXPRESSION_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace expression {

enum class Operation {
  kInput,
  kNumber,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kLess,
  kSelect,
  kSqrt,
  kAbs,
};

struct Instruction {
  Operation operation = Operation::kNumber;
  size_t operands[3] = {};  // places in the program
  double number = 0;        // of kNumber
  std::string name = {};    // of kInput

  bool operator==(const Instruction&) const = default;
};

class Program;

// A result of a program's instruction. Valid as long as the program.
class Value {
 public:
  Value(Program* program, size_t place) : program_(program), place_(place) {}
  Program* program() const { return program_; }
  size_t place() const { return place_; }

 private:
  Program* program_;
  size_t place_;
};

class Program {
 public:
  explicit Program(std::string name) : name_(std::move(name)) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // The next vector that the compiled function takes.
  Value Input(const std::string& name) {
    return Add({.operation = Operation::kInput, .name = name});
  }
  Value Number(double number) { return Add({.operation = Operation::kNumber, .number = number}); }
  // Adds an instruction, unless the same one is there.
  Value Add(const Instruction& instruction);
  void Return(Value value) { result_ = value.place(); }

  const std::string& name() const { return name_; }
  std::span<const Instruction> instructions() const { return instructions_; }
  size_t result() const { return result_; }
  std::vector<std::string> inputs() const;

 private:
  std::string name_;
  std::vector<Instruction> instructions_;
  size_t result_ = 0;
};

Value operator+(Value a, Value b);
Value operator-(Value a, Value b);
Value operator*(Value a, Value b);
Value operator/(Value a, Value b);
Value operator+(Value a, double b);
Value operator-(Value a, double b);
Value operator*(double a, Value b);
Value operator/(Value a, double b);
// Only to choose by.
Value operator<(Value a, Value b);
Value Select(Value condition, Value then, Value otherwise);
Value Sqrt(Value a);
Value Abs(Value a);

// LLVM IR: void @NAME(ptr INPUT..., ptr out, i64 n), for vectors of n doubles.
std::string EmitIr(const Program& program);

// Does what the IR does, instruction by instruction for each element.
void Interpret(const Program& program, const std::vector<std::span<const double>>& inputs,
               std::span<double> out);

}  // namespace expression

#endif  // KILN_SAMPLES_EXPRESSION_TO_IR_EXPRESSION_H_
