#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include <kiln/error.h>

#include "samples/stencil_to_c/stencil.h"

namespace stencil {
namespace {

using Kind = Expression::Kind;
using ExpressionPtr = std::unique_ptr<Expression>;

ExpressionPtr Node(Expression expression) {
  return std::make_unique<Expression>(std::move(expression));
}

bool IsNameCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Recursive descent: one function for each level of precedence.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { stencil_.text = text; }

  Stencil Run() {
    stencil_.name = Name("the name of the stencil");
    Expect('(');
    do {
      ParseParameter();
    } while (Accept(','));
    Expect(')');
    Expect('=');
    stencil_.body = ParseSum();
    if (at_ != text_.size()) Fail("expected an operator or the end");
    return std::move(stencil_);
  }

 private:
  [[noreturn]] void Fail(const std::string& what) {
    throw kiln::Error("SyntaxError", "column " + std::to_string(at_ + 1) + ": " + what + "\n    " +
                                         std::string(text_) + "\n    " + std::string(at_, ' ') +
                                         "^");
  }

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void Skip() {
    while (Peek() == ' ' || Peek() == '\n') ++at_;
  }

  bool Accept(char c) {
    if (Peek() != c) return false;
    ++at_;
    Skip();
    return true;
  }

  void Expect(char c) {
    if (!Accept(c)) Fail(std::string("expected '") + c + "'");
  }

  std::string Name(const char* what) {
    if (!IsNameCharacter(Peek()) || std::isdigit(static_cast<unsigned char>(Peek()))) {
      Fail(std::string("expected ") + what);
    }
    const size_t begin = at_;
    while (IsNameCharacter(Peek())) ++at_;
    std::string name(text_.substr(begin, at_ - begin));
    Skip();
    return name;
  }

  void ParseParameter() {
    const size_t begin = at_;
    const std::string kind = Name("'field' or 'scalar'");
    if (kind != "field" && kind != "scalar") {
      at_ = begin;
      Fail("expected 'field' or 'scalar'");
    }
    const size_t begin_of_name = at_;
    std::string name = Name("the name of a parameter");
    for (const char* taken : {"i", "j", "rows", "columns", "out"}) {
      if (name != taken) continue;
      at_ = begin_of_name;
      Fail("'" + name + "' is a name of the generated code; take another one");
    }
    stencil_.parameters.push_back({std::move(name), kind == "field"});
  }

  ExpressionPtr ParseSum() {
    ExpressionPtr left = ParseProduct();
    while (Peek() == '+' || Peek() == '-') {
      const Kind kind = Accept('+') ? Kind::kAdd : (Expect('-'), Kind::kSubtract);
      left = Node({.kind = kind, .left = std::move(left), .right = ParseProduct()});
    }
    return left;
  }

  ExpressionPtr ParseProduct() {
    ExpressionPtr left = ParseFactor();
    while (Peek() == '*' || Peek() == '/') {
      const Kind kind = Accept('*') ? Kind::kMultiply : (Expect('/'), Kind::kDivide);
      left = Node({.kind = kind, .left = std::move(left), .right = ParseFactor()});
    }
    return left;
  }

  ExpressionPtr ParseFactor() {
    if (Accept('-')) return Node({.kind = Kind::kNegate, .left = ParseFactor()});
    if (Accept('(')) {
      ExpressionPtr inner = ParseSum();
      Expect(')');
      return inner;
    }
    if (std::isdigit(static_cast<unsigned char>(Peek()))) {
      return Node({.number = ParseNumber<double>()});
    }
    return ParseReference();
  }

  ExpressionPtr ParseReference() {
    const size_t begin = at_;
    const std::string name = Name("a number, a name or '('");
    const auto found = std::find_if(stencil_.parameters.begin(), stencil_.parameters.end(),
                                    [&](const Parameter& p) { return p.name == name; });
    if (found == stencil_.parameters.end()) {
      at_ = begin;
      Fail("'" + name + "' is no parameter");
    }
    Expression reference{.kind = found->is_field ? Kind::kCell : Kind::kScalar,
                         .parameter = static_cast<size_t>(found - stencil_.parameters.begin())};
    if (Peek() == '[') {
      if (!found->is_field) Fail("'" + name + "' is a scalar, which has no neighbours");
      Expect('[');
      reference.row = ParseOffset();
      Expect(',');
      reference.column = ParseOffset();
      Expect(']');
    }
    return Node(std::move(reference));
  }

  int64_t ParseOffset() {
    const bool negative = Accept('-');
    const auto offset = ParseNumber<int64_t>();
    stencil_.reach = std::max(stencil_.reach, offset);
    return negative ? -offset : offset;
  }

  template <typename Number>
  Number ParseNumber() {
    Number number = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc()) Fail("expected a number");
    at_ = static_cast<size_t>(end - text_.data());
    Skip();
    return number;
  }

  std::string_view text_;
  size_t at_ = 0;
  Stencil stencil_;
};

}  // namespace

Stencil Parse(std::string_view text) { return Parser(text).Run(); }

}  // namespace stencil
