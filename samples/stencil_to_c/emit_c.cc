#include <cstdio>

#include "samples/stencil_to_c/stencil.h"

namespace stencil {
namespace {

using Kind = Expression::Kind;

// A number that C reads back as the same double.
std::string Literal(double number) {
  char text[40];
  std::snprintf(text, sizeof(text), "%a", number);
  return text;
}

std::string Index(int64_t row, int64_t column) {
  return "(i + " + std::to_string(row) + ") * columns + j + " + std::to_string(column);
}

class Emitter {
 public:
  explicit Emitter(const Stencil& stencil) : stencil_(stencil) {}

  std::string Run() const {
    const std::string reach = std::to_string(stencil_.reach);
    std::string code = "#include <stdint.h>\n\n// " + stencil_.text + "\nvoid " + stencil_.name +
                       "(int64_t rows, int64_t columns, ";
    for (const Parameter& parameter : stencil_.parameters) {
      code += (parameter.is_field ? "const double* restrict " : "double ") + parameter.name + ", ";
    }
    code += "double* restrict out) {\n";
    code += "  for (int64_t i = " + reach + "; i < rows - " + reach + "; ++i) {\n";
    code += "    for (int64_t j = " + reach + "; j < columns - " + reach + "; ++j) {\n";
    code += "      out[i * columns + j] = " + Text(*stencil_.body) + ";\n    }\n  }\n}\n";
    return code;
  }

 private:
  std::string Text(const Expression& expression) const {
    switch (expression.kind) {
      case Kind::kNumber:
        return Literal(expression.number);
      case Kind::kScalar:
        return stencil_.parameters[expression.parameter].name;
      case Kind::kCell:
        return stencil_.parameters[expression.parameter].name + "[" +
               Index(expression.row, expression.column) + "]";
      case Kind::kNegate:
        return "(-" + Text(*expression.left) + ")";
      case Kind::kAdd:
        return Binary(expression, " + ");
      case Kind::kSubtract:
        return Binary(expression, " - ");
      case Kind::kMultiply:
        return Binary(expression, " * ");
      case Kind::kDivide:
        return Binary(expression, " / ");
    }
    return {};
  }

  std::string Binary(const Expression& expression, const char* sign) const {
    return "(" + Text(*expression.left) + sign + Text(*expression.right) + ")";
  }

  const Stencil& stencil_;
};

}  // namespace

std::string EmitC(const Stencil& stencil) { return Emitter(stencil).Run(); }

}  // namespace stencil
