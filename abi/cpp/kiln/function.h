// Functions: the one callable of the ABI, whatever language or compiler is behind it.
//
//   kiln::Function add = kiln::Function::FromTyped([](int64_t a, int64_t b) { return a + b; });
//   int64_t c = add(1, 2).cast<int64_t>();
//
// A call packs its arguments into an array of values, and unpacks the result. A typed function
// checks the count and the kind of each argument and raises TypeError where they differ.
//
// Threads: a Function may be called from many threads if what it wraps may.
#ifndef KILN_FUNCTION_H_
#define KILN_FUNCTION_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "kiln/any.h"
#include "kiln/make_object.h"

namespace kiln {

// The data: the header, then the cell that holds the entry point.
class FunctionObj : public Object, public TVMFFIFunctionCell {
 public:
  static constexpr int32_t kTypeIndex = kTVMFFIFunction;

 protected:
  explicit FunctionObj(TVMFFISafeCallType entry) noexcept : TVMFFIFunctionCell{entry, nullptr} {}
};

// The arguments of a packed function, borrowed for the time of the call.
class PackedArgs {
 public:
  PackedArgs(const TVMFFIAny* args, int32_t size) noexcept : args_(args), size_(size) {}

  int32_t size() const noexcept { return size_; }
  const TVMFFIAny* data() const noexcept { return args_; }
  // Throws TypeError if there is no such argument. A view cast from it is valid during the call.
  const AnyView& operator[](int32_t index) const {
    if (index < 0 || index >= size_) {
      throw Error("TypeError", details::Concat({"argument ", std::to_string(index),
                                                " is missing: ", std::to_string(size_), " given"}));
    }
    return reinterpret_cast<const AnyView&>(args_[index]);
  }

 private:
  const TVMFFIAny* args_;
  int32_t size_;
};

namespace details {

// The parameter and result types of a callable.
template <typename F>
struct Signature : Signature<decltype(&F::operator())> {};
template <typename F>
struct Signature<const F> : Signature<F> {};
template <typename R, typename... Args>
struct Signature<R (*)(Args...)> {
  using Type = R(Args...);
  using Result = R;
  using Parameters = std::tuple<std::remove_cvref_t<Args>...>;
};
template <typename C, typename R, typename... Args>
struct Signature<R (C::*)(Args...) const> : Signature<R (*)(Args...)> {};
template <typename C, typename R, typename... Args>
struct Signature<R (C::*)(Args...)> : Signature<R (*)(Args...)> {};
template <typename R, typename... Args>
struct Signature<R (*)(Args...) noexcept> : Signature<R (*)(Args...)> {};
template <typename C, typename R, typename... Args>
struct Signature<R (C::*)(Args...) const noexcept> : Signature<R (*)(Args...)> {};
template <typename C, typename R, typename... Args>
struct Signature<R (C::*)(Args...) noexcept> : Signature<R (*)(Args...)> {};

// What an argument is kept as until the call returns: itself, seen through a view, or a String if
// it is text that a zero-terminated view can't show.
template <typename T>
AnyView KeepArgument(const T& value) {
  return AnyView(value);
}
inline String KeepArgument(std::string_view text) { return String(text); }
inline String KeepArgument(const std::string& text) { return String(text); }

// Out of line and not templates: a typed call stays short, and what it throws is compiled once.
[[noreturn, gnu::cold, gnu::noinline]] inline void ThrowArgumentKind(int32_t index,
                                                                     std::string (*expected)(),
                                                                     const TVMFFIAny& found) {
  throw Error("TypeError", Concat({"argument ", std::to_string(index), ": expected ", expected(),
                                   ", got ", Describe(found)}));
}
[[noreturn, gnu::cold, gnu::noinline]] inline void ThrowArgumentCount(size_t expected,
                                                                      int32_t found) {
  throw Error("TypeError", Concat({"expected ", std::to_string(expected), " arguments, got ",
                                   std::to_string(found)}));
}

// Always inline, so that a call costs the same at -O2, where GCC else calls it for each argument.
template <typename T>
[[gnu::always_inline]] inline T CastArgument(const TVMFFIAny* args, int32_t index) {
  std::optional<T> value = TypeTraits<T>::From(args[index]);
  if (!value) [[unlikely]] {
    ThrowArgumentKind(index, &TypeTraits<T>::Name, args[index]);
  }
  return *std::move(value);
}

// Stores a result where the caller wants it, field by field: a copy of the whole would have to wait
// for the stores of its parts. A reference gives its strong count away.
template <typename T>
void StoreResult(T value, TVMFFIAny* result) {
  if constexpr (std::is_base_of_v<ObjectRef, T>) {
    result->type_index = value.type_index();
    result->zero_padding = 0;
    result->v_obj = value.release_handle();
  } else if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
    *result = TVMFFIAny{};
    TypeTraits<T>::View(value, result);
  } else {
    *result = Any(std::move(value)).release();
  }
}

// Calls `callable` with the arguments as its own types, and stores its result.
template <typename F, size_t... I>
void CallTyped(F& callable, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result,
               std::index_sequence<I...>) {
  using Parameters = typename Signature<F>::Parameters;
  using Result = typename Signature<F>::Result;
  if (num_args != static_cast<int32_t>(sizeof...(I))) [[unlikely]] {
    ThrowArgumentCount(sizeof...(I), num_args);
  }
  if constexpr (std::is_void_v<Result>) {
    callable(CastArgument<std::tuple_element_t<I, Parameters>>(args, I)...);
    *result = TVMFFIAny{};
  } else {
    StoreResult<std::remove_cvref_t<Result>>(
        callable(CastArgument<std::tuple_element_t<I, Parameters>>(args, I)...), result);
  }
}

// A function object that holds a C++ callable `void(PackedArgs, Any*)`.
template <typename F>
class CallableObj : public FunctionObj {
 public:
  explicit CallableObj(F callable) : FunctionObj(&Call), callable_(std::move(callable)) {}

 private:
  static int Call(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
    return SafeCall([&] {
      Any value;
      static_cast<CallableObj*>(static_cast<Object*>(self))
          ->callable_(PackedArgs(args, num_args), &value);
      *result = value.release();
    });
  }

  F callable_;
};

// A function object that holds a callable of plain C++ types.
template <typename F>
class TypedObj : public FunctionObj {
 public:
  explicit TypedObj(F callable) : FunctionObj(&Call), callable_(std::move(callable)) {}

 private:
  using Arity = std::tuple_size<typename Signature<F>::Parameters>;

  static int Call(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
    return SafeCall([&] {
      CallTyped(static_cast<TypedObj*>(static_cast<Object*>(self))->callable_, args, num_args,
                result, std::make_index_sequence<Arity::value>());
    });
  }

  F callable_;
};

// A function object whose entry point is a `__tvm_ffi_<name>` symbol: calling it is calling the
// symbol. The owner keeps the code in memory.
template <typename Owner>
class SymbolFunctionObj : public FunctionObj {
 public:
  SymbolFunctionObj(TVMFFISafeCallType symbol, Owner owner) noexcept
      : FunctionObj(symbol), owner_(std::move(owner)) {}

 private:
  Owner owner_;
};

}  // namespace details

class Function : public ObjectRef {
 public:
  KILN_OBJECT_REF(Function, ObjectRef, FunctionObj);

  // Wraps a callable that takes the packed arguments and stores its result: void(PackedArgs, Any*).
  template <typename F>
  static Function FromPacked(F callable) {
    return Function(MakeObject<details::CallableObj<F>>(std::move(callable)));
  }

  // Wraps a callable of plain C++ types, each with TypeTraits. The callable is owned, and may be
  // called by many threads at once.
  template <typename F>
  static Function FromTyped(F callable) {
    return Function(MakeObject<details::TypedObj<F>>(std::move(callable)));
  }

  // Wraps the entry point of a module: a symbol that follows the ABI's calling convention and does
  // not look at its handle. `owner`, an ObjectPtr, a std::shared_ptr or whatever keeps the symbol
  // in memory, is held as long as the function lives.
  template <typename Owner>
  static Function FromSymbol(TVMFFISafeCallType symbol, Owner owner) {
    return Function(MakeObject<details::SymbolFunctionObj<Owner>>(symbol, std::move(owner)));
  }

  // Calls the function. Throws the error that it raises.
  template <typename... Args>
  Any operator()(const Args&... args) const {
    // One expression: what the arguments are kept as lives until its end.
    return CallPacked(
        std::initializer_list<AnyView>{AnyView(details::KeepArgument(args))..., AnyView()}.begin(),
        static_cast<int32_t>(sizeof...(Args)));
  }

  // Calls with arguments that are already packed: `count` views at `args`.
  Any CallPacked(const AnyView* args, int32_t count) const {
    FunctionObj* function = get();
    if (function == nullptr) [[unlikely]] {
      throw Error("TypeError", "call of a null function");
    }
    Any result;
    CheckCall(function->safe_call(static_cast<Object*>(function)->header(),
                                  reinterpret_cast<const TVMFFIAny*>(args), count, result.out()));
    return result;
  }
};

}  // namespace kiln

#endif  // KILN_FUNCTION_H_
