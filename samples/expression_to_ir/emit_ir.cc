#include <bit>
#include <cstdio>

#include "samples/expression_to_ir/expression.h"

namespace expression {
namespace {

// LLVM reads a double by its bits.
std::string Literal(double number) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%016llX",
                static_cast<unsigned long long>(std::bit_cast<uint64_t>(number)));
  return text;
}

class Emitter {
 public:
  explicit Emitter(const Program& program) : program_(program) {}

  // A loop over the elements; %i is the element, and each instruction's result is %v and its place.
  std::string Run() {
    std::string parameters;
    for (const std::string& input : program_.inputs()) {
      parameters += "ptr noalias readonly %" + input + ", ";
    }
    code_ = "define void @" + program_.name() + "(" + parameters +
            "ptr noalias %out, i64 %n) {\n"
            "entry:\n"
            "  %empty = icmp sle i64 %n, 0\n"
            "  br i1 %empty, label %done, label %loop\n\n"
            "loop:\n"
            "  %i = phi i64 [ 0, %entry ], [ %next, %loop ]\n";
    for (size_t place = 0; place < program_.instructions().size(); ++place) Emit(place);
    code_ +=
        "  %out.at = getelementptr inbounds double, ptr %out, i64 %i\n"
        "  store double " +
        Operand(program_.result()) +
        ", ptr %out.at\n"
        "  %next = add nuw nsw i64 %i, 1\n"
        "  %more = icmp slt i64 %next, %n\n"
        "  br i1 %more, label %loop, label %done\n\n"
        "done:\n"
        "  ret void\n"
        "}\n\n"
        "declare double @llvm.sqrt.f64(double)\n"
        "declare double @llvm.fabs.f64(double)\n";
    return std::move(code_);
  }

 private:
  std::string Operand(size_t place) const {
    const Instruction& instruction = program_.instructions()[place];
    if (instruction.operation == Operation::kNumber) return Literal(instruction.number);
    return "%v" + std::to_string(place);
  }

  void Emit(size_t place) {
    const Instruction& instruction = program_.instructions()[place];
    const auto operand = [&](int i) { return Operand(instruction.operands[i]); };
    const auto line = [&](const std::string& text) {
      code_ += "  " + Operand(place) + " = " + text + "\n";
    };
    const auto binary = [&](const char* name) {
      line(std::string(name) + " double " + operand(0) + ", " + operand(1));
    };
    switch (instruction.operation) {
      case Operation::kInput:
        code_ += "  %" + instruction.name + ".at = getelementptr inbounds double, ptr %" +
                 instruction.name + ", i64 %i\n";
        return line("load double, ptr %" + instruction.name + ".at");
      case Operation::kNumber:
        return;
      case Operation::kAdd:
        return binary("fadd");
      case Operation::kSubtract:
        return binary("fsub");
      case Operation::kMultiply:
        return binary("fmul");
      case Operation::kDivide:
        return binary("fdiv");
      case Operation::kLess:
        return binary("fcmp olt");
      case Operation::kSelect:
        return line("select i1 " + operand(0) + ", double " + operand(1) + ", double " +
                    operand(2));
      case Operation::kSqrt:
        return line("call double @llvm.sqrt.f64(double " + operand(0) + ")");
      case Operation::kAbs:
        return line("call double @llvm.fabs.f64(double " + operand(0) + ")");
    }
  }

  const Program& program_;
  std::string code_;
};

}  // namespace

std::string EmitIr(const Program& program) { return Emitter(program).Run(); }

}  // namespace expression
