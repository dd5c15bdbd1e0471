#include "samples/expression_to_ir/expression.h"

#include <algorithm>

namespace expression {
namespace {

Value Binary(Operation operation, Value a, Value b) {
  return a.program()->Add({.operation = operation, .operands = {a.place(), b.place()}});
}

Value Unary(Operation operation, Value a) {
  return a.program()->Add({.operation = operation, .operands = {a.place()}});
}

}  // namespace

Value Program::Add(const Instruction& instruction) {
  const auto found = std::find(instructions_.begin(), instructions_.end(), instruction);
  const auto place = static_cast<size_t>(found - instructions_.begin());
  if (found == instructions_.end()) instructions_.push_back(instruction);
  return {this, place};
}

std::vector<std::string> Program::inputs() const {
  std::vector<std::string> names;
  for (const Instruction& instruction : instructions_) {
    if (instruction.operation == Operation::kInput) names.push_back(instruction.name);
  }
  return names;
}

Value operator+(Value a, Value b) { return Binary(Operation::kAdd, a, b); }
Value operator-(Value a, Value b) { return Binary(Operation::kSubtract, a, b); }
Value operator*(Value a, Value b) { return Binary(Operation::kMultiply, a, b); }
Value operator/(Value a, Value b) { return Binary(Operation::kDivide, a, b); }
Value operator+(Value a, double b) { return a + a.program()->Number(b); }
Value operator-(Value a, double b) { return a - a.program()->Number(b); }
Value operator*(double a, Value b) { return b.program()->Number(a) * b; }
Value operator/(Value a, double b) { return a / a.program()->Number(b); }
Value operator<(Value a, Value b) { return Binary(Operation::kLess, a, b); }

Value Select(Value condition, Value then, Value otherwise) {
  return then.program()->Add({.operation = Operation::kSelect,
                              .operands = {condition.place(), then.place(), otherwise.place()}});
}

Value Sqrt(Value a) { return Unary(Operation::kSqrt, a); }
Value Abs(Value a) { return Unary(Operation::kAbs, a); }

}  // namespace expression
