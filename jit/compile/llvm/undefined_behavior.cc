#include "jit/compile/llvm/undefined_behavior.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <llvm/IR/InstrTypes.h>
#include <llvm/IR/Module.h>

#include "jit/compile/llvm/support_code.h"
#include "kiln/error.h"

namespace kiln::jit {
namespace {

// What Clang's checks pass to their handlers starts with this.
struct CheckedPlace {
  const char* file;
  uint32_t line;
  uint32_t column;
};

[[noreturn]] void Throw(const CheckedPlace* place, std::string_view what) {
  throw kiln::Error("RuntimeError", std::string(place->file) + ":" + std::to_string(place->line) +
                                        ":" + std::to_string(place->column) +
                                        ": undefined behaviour: " + std::string(what));
}

constexpr std::string_view kHandlerPrefix = "__ubsan_handle_";

}  // namespace
}  // namespace kiln::jit

// Handler, and what it says. Clang's own name each check; the arguments behind the first are its
// operands.
#define KILN_FOR_EACH_HANDLER(X)                                                        \
  X(type_mismatch_v1,                                                                   \
    "a pointer that is null, misaligned or to an object of another type is used")       \
  X(alignment_assumption, "an address is not aligned as the code assumes")              \
  X(add_overflow, "a sum overflows its type")                                           \
  X(sub_overflow, "a difference overflows its type")                                    \
  X(mul_overflow, "a product overflows its type")                                       \
  X(negate_overflow, "a negation overflows its type")                                   \
  X(divrem_overflow, "a division by zero, or one that overflows its type")              \
  X(shift_out_of_bounds,                                                                \
    "a shift by a negative or too large number of bits, or of a negative value")        \
  X(out_of_bounds, "an index is out of the bounds of its array")                        \
  X(builtin_unreachable, "code is reached that was declared unreachable")               \
  X(missing_return, "a function ends without returning its value")                      \
  X(vla_bound_not_positive, "the length of an array is not positive")                   \
  X(float_cast_overflow, "a floating-point value does not fit the integer type")        \
  X(load_invalid_value, "a bool or an enumeration holds a value that its type has not") \
  X(invalid_builtin, "a builtin function is passed a value that it does not take")      \
  X(nonnull_arg, "a null pointer is passed where none may be")                          \
  X(pointer_overflow, "arithmetic on a pointer overflows")

#define KILN_DEFINE(name, what)                                                 \
  extern "C" void __ubsan_handle_##name(const kiln::jit::CheckedPlace* place) { \
    kiln::jit::Throw(place, what);                                              \
  }
KILN_FOR_EACH_HANDLER(KILN_DEFINE)
#undef KILN_DEFINE

extern "C" void __ubsan_handle_nonnull_return_v1(const void*,
                                                 const kiln::jit::CheckedPlace* place) {
  kiln::jit::Throw(place, "a null pointer is returned where none may be");
}

namespace kiln::jit {

const char kUndefinedBehaviorChecks[] =
    "alignment,array-bounds,bool,builtin,enum,float-cast-overflow,integer-divide-by-zero,"
    "nonnull-attribute,null,pointer-overflow,return,returns-nonnull-attribute,shift-base,"
    "shift-exponent,signed-integer-overflow,unreachable,vla-bound";

namespace {

bool IsHandler(const llvm::Function& function) {
  return function.getName().starts_with(llvm::StringRef(kHandlerPrefix));
}

// Nothing is said of whether the function or its calls throw.
void ForgetNoUnwind(llvm::Function* function) {
  function->removeFnAttr(llvm::Attribute::NoUnwind);
  for (llvm::User* user : function->users()) {
    if (auto* call = llvm::dyn_cast<llvm::CallBase>(user)) {
      call->removeFnAttr(llvm::Attribute::NoUnwind);
    }
  }
}

}  // namespace

void LetHandlersThrow(llvm::Module* module) {
  if (std::none_of(module->begin(), module->end(), IsHandler)) return;
  // Clang has concluded of the functions that call handlers that they throw nothing either. The
  // optimiser finds out again which do not.
  for (llvm::Function& function : *module) {
    if (IsHandler(function) || !function.isDeclaration()) ForgetNoUnwind(&function);
  }
}

std::span<const std::pair<std::string_view, void*>> HandlerSymbols() {
#define KILN_PAIR(name, what) \
  {"__ubsan_handle_" #name, reinterpret_cast<void*>(&__ubsan_handle_##name)},
  static const std::pair<std::string_view, void*> kSymbols[] = {
      KILN_FOR_EACH_HANDLER(KILN_PAIR){"__ubsan_handle_nonnull_return_v1",
                                       reinterpret_cast<void*>(&__ubsan_handle_nonnull_return_v1)}};
#undef KILN_PAIR
  return kSymbols;
}

}  // namespace kiln::jit
