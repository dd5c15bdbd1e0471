// The JIT: source in, Module out, in this process.
//
//   kiln::Module module = kiln::jit::Compile(source, {.name = "add_one.c"});
//   module.GetFunction("add_one")(x, y);
//
// The engine (libkiln_jit.so, which brings its own Clang and LLVM) is loaded on first use: a
// program that includes this header links libtvm_ffi.so alone.
//
// Threads: every function here may be called from many threads at once; compiles run in parallel.
// kiln/try_run.h calls functions of untrusted code in a process of their own.
#ifndef KILN_JIT_H_
#define KILN_JIT_H_

#include <dlfcn.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kiln/function.h"
#include "kiln/map.h"
#include "kiln/module.h"

namespace kiln::jit {

// What Compile can be told. `kiln compile --help` lists the same options, with their ranges.
struct CompileOptions {
  // "c", "c++", "cuda", "llvm-ir", "llvm-bitcode", "object" or "archive". Empty: by the suffix of
  // `name`, or by the bytes.
  std::string language = {};
  // What error messages and debuggers call the source.
  std::string name = {};
  // 0 (compiles fastest) to 3 (runs fastest).
  int opt_level = 2;
  // "native", "generic", or any CPU name that LLVM knows.
  std::string cpu = "native";
  // Plain functions to make Functions of: "saxpy", "ns::scale<float>"; "all" takes each that has a
  // supported signature.
  std::vector<std::string> exports = {};
  // Further options by their name in `kiln compile --help`.
  std::vector<std::pair<std::string, Any>> more = {};
};

// One of several sources of a module, text or bytes.
struct NamedSource {
  std::string name;
  std::string text;
};

namespace details {

// Opens libkiln_jit.so: $KILN_JIT_LIBRARY if set, else beside libtvm_ffi.so, else by the loader's
// path. It registers its functions while it loads, and stays loaded.
inline void LoadEngine() {
  const char* chosen = std::getenv("KILN_JIT_LIBRARY");
  std::vector<std::string> candidates;
  if (chosen != nullptr && *chosen != '\0') {
    candidates.emplace_back(chosen);
  } else {
    Dl_info runtime{};
    if (dladdr(reinterpret_cast<void*>(&TVMFFIFunctionCall), &runtime) != 0) {
      const std::string_view path = runtime.dli_fname;
      candidates.push_back(std::string(path.substr(0, path.rfind('/') + 1)) + "libkiln_jit.so");
    }
    candidates.emplace_back("libkiln_jit.so");
  }
  std::string tried;
  for (const std::string& candidate : candidates) {
    if (dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr) return;
    tried.append("\n  ").append(dlerror());
  }
  throw Error("RuntimeError",
              kiln::details::Concat({"libkiln_jit.so can't be loaded; set KILN_JIT_LIBRARY to its "
                                     "path. Tried:",
                                     tried}));
}

// The engine's function of that name; loads the engine if it is not there yet.
inline Function Door(std::string_view name) {
  if (std::optional<Function> function = GlobalFunction::Find(name)) return *std::move(function);
  LoadEngine();
  return GlobalFunction::Get(name);
}

// Calls a function of the engine with `source`, a value that it takes for one or several sources.
inline Any CompileSource(const Function& compile, AnyView source, const CompileOptions& options) {
  std::vector<AnyView> args = {source, "opt_level", options.opt_level, "cpu", options.cpu};
  if (!options.language.empty()) args.insert(args.end(), {"language", options.language});
  if (!options.name.empty()) args.insert(args.end(), {"name", options.name});
  const auto exports = Array<String>::From(options.exports);
  if (!exports.empty()) args.insert(args.end(), {"exports", exports});
  for (const auto& [name, value] : options.more) args.insert(args.end(), {name, value});
  return compile.CallPacked(args.data(), static_cast<int32_t>(args.size()));
}

// A text or bytes as an argument, valid as long as both `text` and `bytes`.
inline AnyView SourceView(std::string_view text, TVMFFIByteArray* bytes) {
  *bytes = {text.data(), text.size()};
  TVMFFIAny view{};
  view.type_index = kTVMFFIByteArrayPtr;
  view.v_ptr = bytes;
  return AnyView::FromRaw(view);
}

inline Map<String, Any> SourceMap(const std::vector<NamedSource>& sources) {
  Map<String, Any> texts;
  for (const NamedSource& source : sources) texts.Set(source.name, Bytes(source.text));
  if (texts.size() != sources.size()) {
    throw Error("ValueError", "two of the sources have the same name");
  }
  return texts;
}

// The method of that name of the engine's kiln.jit.Future.
inline Function FutureMethod(const ObjectRef& future, std::string_view name) {
  const TVMFFITypeInfo* type =
      TVMFFIGetTypeInfo(static_cast<TVMFFIObject*>(future.handle())->type_index);
  for (int32_t i = 0; i < type->num_methods; ++i) {
    if (kiln::details::ViewOf(type->methods[i].name) == name) {
      return AnyView::FromRaw(type->methods[i].method).cast<Function>();
    }
  }
  throw Error("TypeError",
              kiln::details::Concat({"the engine's future has no method '", name, "'"}));
}

}  // namespace details

// Compiles `source` and links it into this process. Throws CompileError (the source is at fault),
// LinkError (a symbol is missing), ValueError, TypeError or KeyError (an option is wrong).
inline Module Compile(std::string_view source, const CompileOptions& options = {}) {
  TVMFFIByteArray bytes{};
  return details::CompileSource(details::Door("kiln.jit.compile"),
                                details::SourceView(source, &bytes), options)
      .cast<Module>();
}

// Compiles several sources, of different languages if need be, and links them into one module. The
// suffix of a name tells its language: `options` must leave `name` and `language` empty. Throws as
// for one source, and ValueError where two have the same name.
inline Module Compile(const std::vector<NamedSource>& sources, const CompileOptions& options = {}) {
  return details::CompileSource(details::Door("kiln.jit.compile"), details::SourceMap(sources),
                                options)
      .cast<Module>();
}

// A module in the making: a reference to an object of the engine, which copies share. Made by
// CompileAsync. Any number of threads may use one at once.
class Future {
 public:
  // `object` is a kiln.jit.Future of the engine.
  explicit Future(ObjectRef object) : object_(std::move(object)) {}

  // Whether it has ended: with a module, with an error, or cancelled.
  bool IsDone() const { return Call("done").cast<bool>(); }
  bool IsCancelled() const { return Call("cancelled").cast<bool>(); }

  // Waits until it has ended, `seconds` at the most if that is given. True if it has ended. What is
  // waited for is compiled before the rest of the queue.
  bool Wait(std::optional<double> seconds = std::nullopt) const {
    return Call("wait", seconds ? Any(*seconds) : Any()).cast<bool>();
  }

  // Ends it with a CancelledError; false where it had ended before.
  bool Cancel() const { return Call("cancel").cast<bool>(); }

  // Waits for the module, or for the error that it ended with: Result throws that.
  Module Result() const { return Call("result").cast<Module>(); }
  std::optional<Error> Failure() const { return Call("error").try_cast<Error>(); }

  // Calls hook(future) once, when it has ended: on the thread that ends it, or here if it has
  // ended. What the hook throws is logged, and goes no further.
  template <typename Hook>
  void OnDone(Hook hook) const {
    Call("on_done", Function::FromTyped([hook = std::move(hook)](const ObjectRef& future) {
           hook(Future(future));
         }));
  }

  const ObjectRef& object() const { return object_; }

 private:
  template <typename... Args>
  Any Call(std::string_view method, const Args&... args) const {
    return details::FutureMethod(object_, method)(object_, args...);
  }

  ObjectRef object_;
};

// As Compile, on a thread of the engine. Throws at once where the options are wrong; all else the
// future tells. A future that is dropped is compiled all the same.
inline Future CompileAsync(std::string_view source, const CompileOptions& options = {}) {
  TVMFFIByteArray bytes{};
  return Future(details::CompileSource(details::Door("kiln.jit.compile_async"),
                                       details::SourceView(source, &bytes), options)
                    .cast<ObjectRef>());
}
inline Future CompileAsync(const std::vector<NamedSource>& sources,
                           const CompileOptions& options = {}) {
  return Future(details::CompileSource(details::Door("kiln.jit.compile_async"),
                                       details::SourceMap(sources), options)
                    .cast<ObjectRef>());
}

// Compiles all sources, as many at once as the engine has threads, and gives their modules in the
// same order. Where some fail it throws the error of the first, after all have ended.
inline std::vector<Module> CompileMany(const std::vector<std::string>& sources,
                                       const CompileOptions& options = {}) {
  std::vector<Future> futures;
  futures.reserve(sources.size());
  for (const std::string& source : sources) futures.push_back(CompileAsync(source, options));
  for (const Future& future : futures) future.Wait();
  std::vector<Module> modules;
  modules.reserve(sources.size());
  for (const Future& future : futures) modules.push_back(future.Result());
  return modules;
}

// Lets the engine make ready what a first compile would wait for, on a thread of its own. It is
// worth it where a program knows early that it will compile.
inline void Preload() { details::Door("kiln.jit.preload")(); }

// What the engine has done in this process: counts ("compiles", "failures", "live_modules", ...)
// and, for each phase of a compile, the milliseconds that it took in all ("codegen_ms").
inline Map<String, Any> Stats() {
  return details::Door("kiln.jit.stats")().cast<Map<String, Any>>();
}

// Waits until the functions of a module that was compiled with {"opt", "auto"} run the code of its
// opt_level, `seconds` at the most if that is given. True if they do: at once for any other module
// of this engine. Throws the error that the second compile ended with; the first code stays then.
inline bool WaitOptimized(const Module& module, std::optional<double> seconds = std::nullopt) {
  return details::Door("kiln.jit.wait_optimized")(module, seconds ? Any(*seconds) : Any())
      .cast<bool>();
}

// Calls hook() once when that is so, or when the second compile has failed: on the thread that made
// the code, or here where it is by now.
template <typename Hook>
void OnOptimized(const Module& module, Hook hook) {
  details::Door("kiln.jit.on_optimized")(module, Function::FromTyped(std::move(hook)));
}

// What the compiler has said in a CompileError, as JSON for editors and agents; empty for any other
// error. An array with one object for each message:
//
//   "severity"                "note", "remark", "warning", "error" or "fatal error"
//   "file", "line", "column"  the place; lines and columns count from 1, columns in bytes
//   "end_line", "end_column"  where the text that is meant ends, exclusive; 0 where it is not known
//   "message", "option"       "option" is the flag that controls a warning, "-Wunused-variable"
//   "source_line", "caret"    the line, or a part of it, and the byte in it that "column" stands at
//   "notes"                   further messages that belong to this one, without notes of their own;
//                             the first "notes_before" of them are the includes that lead there
//   "fixits"                  changes that would answer the message: "text" in place of what stands
//                             from "line":"column" up to "end_line":"end_column"
//
// The warnings of a compile that went well are InspectSource("diagnostics") of the module, in the
// same form.
inline std::string DiagnosticsOf(const Error& error) {
  const ObjectRef context = error.extra_context();
  if (error.kind() != "CompileError" || context.get() == nullptr ||
      TVMFFIObjectGetTypeIndex(context.handle()) != kTVMFFIStr) {
    return {};
  }
  return std::string(kiln::details::ViewOf(*TVMFFIBytesGetByteArrayPtr(context.handle())));
}

// The version of the engine, "0.1.0".
inline std::string Version() { return details::Door("kiln.jit.version")().cast<std::string>(); }

}  // namespace kiln::jit

#endif  // KILN_JIT_H_
