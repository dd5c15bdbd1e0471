// A language of stencils: how each cell of a grid follows from its neighbours.
//
//   heat(field u, scalar a) = u + a * (u[-1,0] + u[1,0] + u[0,-1] + u[0,1] - 4 * u)
//
// A field is a grid of doubles, a scalar one number. u[i,j] is the cell i rows below and j columns
// to the right of the one that is computed, u alone that cell itself. There are numbers, + - * /,
// a sign and parentheses.
#ifndef KILN_SAMPLES_STENCIL_TO_C_STENCIL_H_
#define KILN_SAMPLES_STENCIL_TO_C_STENCIL_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stencil {

struct Expression {
  enum class Kind { kNumber, kScalar, kCell, kNegate, kAdd, kSubtract, kMultiply, kDivide };

  Kind kind = Kind::kNumber;
  double number = 0;
  size_t parameter = 0;  // of a scalar or a cell: its place among all parameters
  int64_t row = 0;       // of a cell
  int64_t column = 0;
  std::unique_ptr<Expression> left = nullptr;  // all operators have one
  std::unique_ptr<Expression> right = nullptr;
};

struct Parameter {
  std::string name;
  bool is_field = false;
};

struct Stencil {
  std::string text;
  std::string name;
  std::vector<Parameter> parameters;
  std::unique_ptr<Expression> body;
  int64_t reach = 0;  // how far the farthest neighbour is
};

// Throws a kiln::Error of kind SyntaxError that shows the place.
Stencil Parse(std::string_view text);

// A function of C: void NAME(int64_t rows, int64_t columns, PARAMETERS..., double* out). It leaves
// the cells alone that are nearer than `reach` to the edge.
std::string EmitC(const Stencil& stencil);

// What a parameter stands for when a stencil is run: the cells of a grid, row by row, or a number.
struct Argument {
  std::span<const double> cells = {};
  double number = 0;
};

// Does what the emitted C does, by walking the expression for each cell.
void Interpret(const Stencil& stencil, int64_t rows, int64_t columns,
               std::span<const Argument> arguments, std::span<double> out);

}  // namespace stencil

#endif  // KILN_SAMPLES_STENCIL_TO_C_STENCIL_H_
