#include "samples/stencil_to_c/stencil.h"

namespace stencil {
namespace {

using Kind = Expression::Kind;

// The cell that is computed, and what the parameters stand for.
struct Place {
  std::span<const Argument> arguments;
  int64_t row = 0;
  int64_t column = 0;
  int64_t columns = 0;
};

double Evaluate(const Expression& expression, const Place& place) {
  const auto left = [&] { return Evaluate(*expression.left, place); };
  const auto right = [&] { return Evaluate(*expression.right, place); };
  switch (expression.kind) {
    case Kind::kNumber:
      return expression.number;
    case Kind::kScalar:
      return place.arguments[expression.parameter].number;
    case Kind::kCell: {
      const int64_t row = place.row + expression.row;
      const int64_t column = place.column + expression.column;
      return place.arguments[expression.parameter]
          .cells[static_cast<size_t>(row * place.columns + column)];
    }
    case Kind::kNegate:
      return -left();
    case Kind::kAdd:
      return left() + right();
    case Kind::kSubtract:
      return left() - right();
    case Kind::kMultiply:
      return left() * right();
    case Kind::kDivide:
      return left() / right();
  }
  return 0;
}

}  // namespace

void Interpret(const Stencil& stencil, int64_t rows, int64_t columns,
               std::span<const Argument> arguments, std::span<double> out) {
  Place place{.arguments = arguments, .columns = columns};
  for (place.row = stencil.reach; place.row < rows - stencil.reach; ++place.row) {
    for (place.column = stencil.reach; place.column < columns - stencil.reach; ++place.column) {
      out[static_cast<size_t>(place.row * columns + place.column)] = Evaluate(*stencil.body, place);
    }
  }
}

}  // namespace stencil
