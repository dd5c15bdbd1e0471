// The JIT: source in, Module out, in this process.
//
//   kiln::Module module = kiln::jit::Compile(source, {.name = "add_one.c"});
//   module.GetFunction("add_one")(x, y);
//
// The engine (libkiln_jit.so, which brings its own Clang and LLVM) is loaded on first use: a
// program that includes this header links libtvm_ffi.so alone.
//
// Threads: every function here may be called from many threads at once; compiles run in parallel.
#ifndef KILN_JIT_H_
#define KILN_JIT_H_

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// Calls the engine with `source`, a value that it takes for one or several sources.
inline Module CompileSource(AnyView source, const CompileOptions& options) {
  const Function compile = Door("kiln.jit.compile");
  std::vector<AnyView> args = {source, "opt_level", options.opt_level, "cpu", options.cpu};
  if (!options.language.empty()) args.insert(args.end(), {"language", options.language});
  if (!options.name.empty()) args.insert(args.end(), {"name", options.name});
  const auto exports = Array<String>::From(options.exports);
  if (!exports.empty()) args.insert(args.end(), {"exports", exports});
  for (const auto& [name, value] : options.more) args.insert(args.end(), {name, value});
  return compile.CallPacked(args.data(), static_cast<int32_t>(args.size())).cast<Module>();
}

}  // namespace details

// Compiles `source` and links it into this process. Throws CompileError (the source is at fault),
// LinkError (a symbol is missing), ValueError, TypeError or KeyError (an option is wrong).
inline Module Compile(std::string_view source, const CompileOptions& options = {}) {
  const TVMFFIByteArray bytes{source.data(), source.size()};
  TVMFFIAny text{};
  text.type_index = kTVMFFIByteArrayPtr;
  text.v_ptr = const_cast<TVMFFIByteArray*>(&bytes);
  return details::CompileSource(AnyView::FromRaw(text), options);
}

// Compiles several sources, of different languages if need be, and links them into one module. The
// suffix of a name tells its language: `options` must leave `name` and `language` empty. Throws as
// for one source, and ValueError where two have the same name.
inline Module Compile(const std::vector<NamedSource>& sources, const CompileOptions& options = {}) {
  Map<String, Any> texts;
  for (const NamedSource& source : sources) texts.Set(source.name, Bytes(source.text));
  if (texts.size() != sources.size()) {
    throw Error("ValueError", "two of the sources have the same name");
  }
  return details::CompileSource(texts, options);
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
