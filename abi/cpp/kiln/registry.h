// The registry: functions by name, shared by every language and library of the process.
//
// Names are dotted paths, the first part being the library's: "kiln.jit.compile".
//
// Threads: with Kiln's runtime every function here may be called from any thread. Replacing a name
// is atomic, and calls in flight finish on the old function. Another runtime may demand that no
// thread looks a name up while one replaces or removes it.
#ifndef KILN_REGISTRY_H_
#define KILN_REGISTRY_H_

#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kiln/function.h"

namespace kiln {

struct GlobalFunction {
  // The function of that name, or nullopt.
  static std::optional<Function> Find(std::string_view name) {
    const TVMFFIByteArray bytes = details::ByteArrayOf(name);
    TVMFFIObjectHandle handle = nullptr;
    CheckCall(TVMFFIFunctionGetGlobal(&bytes, &handle));
    if (handle == nullptr) return std::nullopt;
    return Function(ObjectPtr<FunctionObj>::AdoptHandle(handle));
  }

  // The function of that name. Throws ValueError where there is none.
  static Function Get(std::string_view name) {
    std::optional<Function> function = Find(name);
    if (!function) {
      throw Error("ValueError", details::Concat({"no global function is named '", name,
                                                 "'; load the library that registers it first"}));
    }
    return *std::move(function);
  }

  // Registers `function`. Throws RuntimeError if the name is taken and `override` is false,
  // TypeError if the function is null.
  static void Register(std::string_view name, const Function& function, bool override = false) {
    if (!function.defined()) {
      throw Error("TypeError",
                  details::Concat({"a null function can't be registered as '", name, "'"}));
    }
    const TVMFFIByteArray bytes = details::ByteArrayOf(name);
    CheckCall(TVMFFIFunctionSetGlobal(&bytes, function.handle(), override ? 1 : 0));
  }

  // Registers a callable of plain C++ types, as Function::FromTyped takes it.
  template <typename F>
  static void RegisterTyped(std::string_view name, F callable, bool override = false) {
    Register(name, Function::FromTyped(std::move(callable)), override);
  }

  // Takes the name out of the registry. False if there was none. Functions that were handed out
  // stay valid.
  static bool Remove(std::string_view name) {
    return Get("ffi.FunctionRemoveGlobal")(String(name)).cast<bool>();
  }

  // Every registered name, in no particular order.
  static std::vector<std::string> Names() {
    const Function names = Get("ffi.FunctionListGlobalNamesFunctor")().cast<Function>();
    std::vector<std::string> result(static_cast<size_t>(names(-1).cast<int64_t>()));
    for (size_t i = 0; i < result.size(); ++i) {
      result[i] = names(static_cast<int64_t>(i)).cast<std::string>();
    }
    return result;
  }
};

namespace details {

// Runs what a library does when it is loaded. No exception may leave it: the error is told on
// stderr, and stays raised, so that whoever loads the library can throw it.
inline void RunStaticInit(void (*block)()) noexcept {
  if (SafeCall([&] { block(); }) == 0) return;
  try {
    ThrowRaised();
  } catch (const Error& error) {
    std::fprintf(stderr, "kiln: a library's initialisation failed: %s\n", error.what());
    TVMFFIErrorSetRaised(error.handle());
  }
}

}  // namespace details
}  // namespace kiln

// A block that runs when the library or program that it stands in is loaded: where functions and
// types are registered. At namespace scope; an error in it is reported and does not end the
// process.
//
//   KILN_STATIC_INIT_BLOCK() { kiln::GlobalFunction::RegisterTyped("demo.add", Add); }
#define KILN_STATIC_INIT_BLOCK() KILN_STATIC_INIT_BLOCK_NAMED_(__COUNTER__)
#define KILN_STATIC_INIT_BLOCK_NAMED_(counter) KILN_STATIC_INIT_BLOCK_WITH_(counter)
#define KILN_STATIC_INIT_BLOCK_WITH_(counter)                             \
  static void KilnStaticInit##counter();                                  \
  __attribute__((constructor)) static void KilnRunStaticInit##counter() { \
    ::kiln::details::RunStaticInit(&KilnStaticInit##counter);             \
  }                                                                       \
  static void KilnStaticInit##counter()

#endif  // KILN_REGISTRY_H_
