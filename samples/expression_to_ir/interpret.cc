#include <cmath>

#include "samples/expression_to_ir/expression.h"

namespace expression {

void Interpret(const Program& program, const std::vector<std::span<const double>>& inputs,
               std::span<double> out) {
  std::vector<double> values(program.instructions().size());
  for (size_t element = 0; element < out.size(); ++element) {
    size_t input = 0;
    for (size_t place = 0; place < values.size(); ++place) {
      const Instruction& instruction = program.instructions()[place];
      const double a = values[instruction.operands[0]];
      const double b = values[instruction.operands[1]];
      double& value = values[place];
      switch (instruction.operation) {
        case Operation::kInput:
          value = inputs[input++][element];
          break;
        case Operation::kNumber:
          value = instruction.number;
          break;
        case Operation::kAdd:
          value = a + b;
          break;
        case Operation::kSubtract:
          value = a - b;
          break;
        case Operation::kMultiply:
          value = a * b;
          break;
        case Operation::kDivide:
          value = a / b;
          break;
        case Operation::kLess:
          value = a < b ? 1 : 0;
          break;
        case Operation::kSelect:
          value = a != 0 ? b : values[instruction.operands[2]];
          break;
        case Operation::kSqrt:
          value = std::sqrt(a);
          break;
        case Operation::kAbs:
          value = std::fabs(a);
          break;
      }
    }
    out[element] = values[program.result()];
  }
}

}  // namespace expression
