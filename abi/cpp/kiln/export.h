// Exports: C++ functions as symbols of a library, which every loader of the ABI finds by name.
//
//   int64_t Add(int64_t a, int64_t b) { return a + b; }
//   KILN_EXPORT(add, Add);
//   KILN_EXPORT(twice, [](double x) { return 2 * x; });
//   KILN_EXPORT_DOC(add, "a + b");
//
//   Module::LoadFromFile("library.so").GetFunction("add")
//
// The symbols are `__tvm_ffi_add`, the function itself; `__tvm_ffi__metadata_add`, which returns
// its type schema (kiln/schema.h) as JSON; and `__tvm_ffi__doc_add`.
#ifndef KILN_EXPORT_H_
#define KILN_EXPORT_H_

#include <string>
#include <string_view>
#include <utility>

#include "kiln/function.h"
#include "kiln/schema.h"

namespace kiln::details {

// The body of an exported function.
template <typename F>
int CallExported(F& callable, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) noexcept {
  using Parameters = typename Signature<F>::Parameters;
  return SafeCall([&] {
    CallTyped(callable, args, num_args, result,
              std::make_index_sequence<std::tuple_size_v<Parameters>>());
  });
}

// Text made in the runtime, so that it outlives the library.
inline int ReturnText(std::string_view text, TVMFFIAny* result) noexcept {
  return SafeCall([&] { *result = String(text).release(); });
}

template <typename F>
int ReturnMetadata(TVMFFIAny* result) noexcept {
  return SafeCall([&] {
    const std::string schema = FunctionSchema<typename Signature<F>::Type>();
    *result = String(Concat({"{\"type_schema\":", QuoteJson(schema), "}"})).release();
  });
}

}  // namespace kiln::details

// Exports a function or a captureless lambda of plain C++ types under `name`, an identifier. At
// namespace scope. A PackedArgs parameter is not for this: write the symbol by hand.
#define KILN_EXPORT(name, ...)                                                                   \
  namespace {                                                                                    \
  constexpr auto kiln_exported_##name = __VA_ARGS__;                                             \
  }                                                                                              \
  extern "C" TVM_FFI_DLL_EXPORT int __tvm_ffi_##name(void*, const TVMFFIAny* args,               \
                                                     int32_t num_args, TVMFFIAny* result) {      \
    return ::kiln::details::CallExported(kiln_exported_##name, args, num_args, result);          \
  }                                                                                              \
  extern "C" TVM_FFI_DLL_EXPORT int __tvm_ffi__metadata_##name(void*, const TVMFFIAny*, int32_t, \
                                                               TVMFFIAny* result) {              \
    return ::kiln::details::ReturnMetadata<decltype(kiln_exported_##name)>(result);              \
  }                                                                                              \
  static_assert(true, "a semicolon follows")

// Documents the exported function `name`. `text` is a string literal.
#define KILN_EXPORT_DOC(name, text)                                                         \
  extern "C" TVM_FFI_DLL_EXPORT int __tvm_ffi__doc_##name(void*, const TVMFFIAny*, int32_t, \
                                                          TVMFFIAny* result) {              \
    return ::kiln::details::ReturnText(text, result);                                       \
  }                                                                                         \
  static_assert(true, "a semicolon follows")

#endif  // KILN_EXPORT_H_
