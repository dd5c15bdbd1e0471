// Untrusted code, called in a process of its own.
//
//   kiln::jit::TryRunResult result = kiln::jit::TryRun(source, "scale", {x}, {.name = "scale.c"});
//   if (!result.ok()) std::cerr << result.error->what();
//
// Threads: every function here may be called from many threads at once.
#ifndef KILN_TRY_RUN_H_
#define KILN_TRY_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kiln/jit.h"

namespace kiln::jit {

// What came of a call in a process of its own.
struct TryRunResult {
  // "ok"; "error": the compile or the function raised one; "died"; "timeout"; "memory";
  // "forbidden": it made a system call that it may not make.
  std::string status;
  std::string phase;  // that it was at: "compile", "link", "constructors" or "call"
  Any result;         // of the function; tensors in it are copies
  // Of all that is not "ok": an error of the ABI, whose message says what happened, and where if
  // that is known; of status "error" the one that was raised, with what came with it.
  std::optional<Error> error;
  int signal = 0;                    // that ended it, or 0
  std::string signal_name;           // "SIGSEGV"
  std::optional<int64_t> exit_code;  // with which it left before it had returned
  std::optional<int64_t> address;    // that the signal is about
  // Where the code was; empty and 0 where that is not known. Lines need debug information, which
  // C and C++ that TryRun compiles has unless an option says otherwise.
  std::string function;
  std::string file;
  int line = 0;
  std::string syscall;  // the forbidden one: "openat"
  // What it wrote, the first MiB of each, and whether that is all.
  std::string standard_output;
  std::string standard_error;
  bool output_complete = true;

  bool ok() const { return status == "ok"; }
};

namespace details {

inline std::string TextAt(const Map<String, Any>& outcome, const char* key) {
  const Any value = outcome.at(key);
  if (const auto bytes = value.try_cast<Bytes>()) return std::string(bytes->view());
  return value.cast<std::string>();
}

inline TryRunResult ReadTryRun(const Map<String, Any>& outcome) {
  TryRunResult read;
  read.status = TextAt(outcome, "status");
  read.phase = TextAt(outcome, "phase");
  read.result = outcome.at("result");
  if (!read.ok()) {
    const Any context = outcome.at("context");
    const bool has_context = context.type_index() == kTVMFFIStr;
    read.error.emplace(
        TextAt(outcome, "kind"), TextAt(outcome, "message"), TextAt(outcome, "backtrace"), nullptr,
        has_context ? ObjectRef(ObjectPtr<Object>::ShareHandle(context.raw().v_obj)) : ObjectRef());
  }
  read.signal = outcome.at("signal").cast<int>();
  read.signal_name = TextAt(outcome, "signal_name");
  read.exit_code = outcome.at("exit_code").cast<std::optional<int64_t>>();
  read.address = outcome.at("address").cast<std::optional<int64_t>>();
  read.function = TextAt(outcome, "function");
  read.file = TextAt(outcome, "file");
  read.line = outcome.at("line").cast<int>();
  read.syscall = TextAt(outcome, "syscall");
  read.standard_output = TextAt(outcome, "stdout");
  read.standard_error = TextAt(outcome, "stderr");
  read.output_complete = outcome.at("output_complete").cast<bool>();
  return read;
}

inline TryRunResult TryRunCode(AnyView code, std::string_view function,
                               const std::vector<AnyView>& args, const Map<String, Any>& options) {
  const Function run = Door("kiln.jit.try_run");
  const String name(function);
  std::vector<AnyView> all = {code, name, options};
  all.insert(all.end(), args.begin(), args.end());
  return ReadTryRun(
      run.CallPacked(all.data(), static_cast<int32_t>(all.size())).cast<Map<String, Any>>());
}

inline TryRunResult TryRunSource(AnyView source, std::string_view function,
                                 const std::vector<AnyView>& args, const CompileOptions& options) {
  Map<String, Any> all = {{"opt_level", options.opt_level}, {"cpu", options.cpu}};
  if (!options.language.empty()) all.Set("language", options.language);
  if (!options.name.empty()) all.Set("name", options.name);
  if (!options.exports.empty()) all.Set("exports", Array<String>::From(options.exports));
  for (const auto& [name, value] : options.more) all.Set(name, value);
  return TryRunCode(source, function, args, all);
}

}  // namespace details

// Calls a function of a module in a process that is made for it and that may compute, print, and
// start threads, but not open files, use the network or start processes: for code that must not
// harm this process. Arguments are None, bools, ints, floats, text, bytes, dtypes, devices, shapes,
// tensors in CPU memory, and arrays of these. It works on copies of the tensors, which are copied
// back after a call that went well.
//
// `options`: "timeout_ms" (10000 where it is not given, 0 for none), "max_memory_mb" (likewise
// 4096), and "link": the modules that this one was linked with.
//
// What the code does is told by the result. Throws TypeError and ValueError where arguments or
// options are wrong, RuntimeError where no such process can be made.
inline TryRunResult TryRun(const Module& module, std::string_view function,
                           const std::vector<AnyView>& args = {},
                           const Map<String, Any>& options = {}) {
  return details::TryRunCode(module, function, args, options);
}

// Compiles the source in that process, too, and exports the function, unless the options name other
// exports. `more` of the options may have "timeout_ms" and
// "max_memory_mb", which count for all of it.
inline TryRunResult TryRun(std::string_view source, std::string_view function,
                           const std::vector<AnyView>& args = {},
                           const CompileOptions& options = {}) {
  TVMFFIByteArray bytes{};
  return details::TryRunSource(details::SourceView(source, &bytes), function, args, options);
}

// The same for several sources, as Compile takes them.
inline TryRunResult TryRun(const std::vector<NamedSource>& sources, std::string_view function,
                           const std::vector<AnyView>& args = {},
                           const CompileOptions& options = {}) {
  return details::TryRunSource(details::SourceMap(sources), function, args, options);
}

}  // namespace kiln::jit

#endif  // KILN_TRY_RUN_H_
