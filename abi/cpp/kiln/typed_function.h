// TypedFunction: a function whose parameter and result types are known.
//
//   TypedFunction<int64_t(int64_t, int64_t)> add = [](int64_t a, int64_t b) { return a + b; };
//   int64_t three = add(1, 2);
//
// The types are those of the caller: the callee checks its arguments as every function does, and
// the result is checked when it comes back.
#ifndef KILN_TYPED_FUNCTION_H_
#define KILN_TYPED_FUNCTION_H_

#include <string>
#include <type_traits>
#include <utility>

#include "kiln/function.h"
#include "kiln/schema.h"

namespace kiln {

template <typename Signature>
class TypedFunction;

// A Function, and shares its object. Null when default-made or cast from None.
template <typename R, typename... Args>
class TypedFunction<R(Args...)> : public Function {
 public:
  TypedFunction() noexcept = default;
  explicit TypedFunction(ObjectPtr<FunctionObj> object) noexcept : Function(std::move(object)) {}
  // NOLINTBEGIN(google-explicit-constructor)
  TypedFunction(Function function) noexcept : Function(std::move(function)) {}
  // Wraps a callable that takes such arguments. It is owned, and may be called by many threads.
  template <typename F>
    requires(std::is_invocable_r_v<R, F&, Args...> && !std::is_base_of_v<ObjectRef, F>)
  TypedFunction(F callable)
      : Function(FromTyped([callable = std::move(callable)](Args... args) mutable -> R {
          return callable(std::forward<Args>(args)...);
        })) {}
  // NOLINTEND(google-explicit-constructor)

  // Throws the error that the function raises, and TypeError if its result is no R.
  R operator()(const std::remove_cvref_t<Args>&... args) const {
    if constexpr (std::is_void_v<R>) {
      Function::operator()(args...);
    } else if constexpr (std::is_same_v<R, Any>) {
      return Function::operator()(args...);
    } else {
      const Any result = Function::operator()(args...);
      return result.cast<R>();
    }
  }

  static std::string Schema() { return FunctionSchema<R(Args...)>(); }
};

}  // namespace kiln

#endif  // KILN_TYPED_FUNCTION_H_
