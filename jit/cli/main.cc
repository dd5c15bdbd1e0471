// The `kiln` command: `kiln run`, `kiln compile`, `kiln doctor`.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <kiln/kiln.h>

#include "jit/cli/commands.h"
#include "jit/cli/json_report.h"
#include "jit/cli/tensor_argument.h"

namespace kiln::cli {
namespace {

constexpr int kExitError = 1;
constexpr int kExitUsage = 2;

constexpr const char* kMainFooter = R"(Examples:
  kiln run add_one.c --fn add_one f32[8]=arange f32[8]=zeros
  kiln compile add_one.c -o add_one.kiln
  kiln doctor

Exit status: 0 done, 1 an error, 2 the command line is wrong.

`kiln COMMAND --help` tells more about each.)";

constexpr const char* kRunFooter = R"(Arguments:
  3  -7  0x1f            an int
  2.5  1e3  -inf  nan    a float
  true  false  none      a bool, no value
  str:some text          a string
  DTYPE[SHAPE]=VALUES    a tensor in CPU memory, row by row
      DTYPE   f16 bf16 f32 f64 i8 i16 i32 i64 u8 u16 u32 u64 bool, or float32, int8, ...
      SHAPE   8  or  4,4  or nothing for a single element
      VALUES  1,2,3  (a single one fills the tensor), arange, ones, zeros,
              rand  (the same at every run: floats in [0, 1), integers from 0 to 99)
After -- everything is an argument, whatever it begins with.

Prints the result, unless it is none, and every tensor argument as the call left it.

Examples:
  kiln run add_one.c --fn add_one f32[8]=arange f32[8]=zeros
  kiln run scale.ll --fn scale f64[4,4]=rand -2.5 --repeat 1000
  kiln run kernels.so --fn add_one i64[3]=1,2,3 i64[3]=zeros
  kiln run add_one.kiln --fn add_one f32[8]=arange f32[8]=zeros
  kiln run unknown.c --fn f f32[8]=ones --try --option timeout_ms=1000

`kiln compile --help` lists what --option takes.)";

constexpr const char* kCompileFooter = R"(Examples:
  kiln compile add_one.c -o add_one.kiln     a module that `kiln run` and Module::LoadFromFile load
  kiln compile add_one.c -o add_one.o        a relocatable object to link ahead of time
  kiln compile add_one.c -o add_one.so       a shared library, which any loader of the ABI loads
  kiln compile add_one.c -o add_one.o -O3 --cpu x86-64-v3 --option defines=N=4
  kiln compile a.c b.cc -o ab.kiln           one module of both
  kiln compile add_one.c --emit asm          the assembly, on standard output
)";

std::string VersionText() {
  TVMFFIVersion abi{};
  TVMFFIGetVersion(&abi);
  return "kiln " KILN_VERSION " (ABI " + std::to_string(abi.major) + "." +
         std::to_string(abi.minor) + "." + std::to_string(abi.patch) + ")";
}

// The end of `kiln compile --help`. Help works without the engine, too.
std::string CompileFooter() {
  std::string text = kCompileFooter;
  text += "\nWhat --option takes, as NAME=VALUE:\n";
  try {
    text += CompileOptionsText();
  } catch (const Error& error) {
    text += "  (the list comes from the engine, which is missing: " + std::string(error.message()) +
            ")\n";
  }
  return text;
}

// Help pages with a usage line of our own: CLI11's knows nothing of arguments that it leaves to us.
class HelpFormatter : public CLI::Formatter {
 public:
  explicit HelpFormatter(std::string usage) : usage_(std::move(usage)) { column_width(28); }
  std::string make_usage(const CLI::App*, std::string) const override {
    return "\nUsage: " + usage_ + "\n";
  }

 private:
  std::string usage_;
};

constexpr const char* kFileHelp =
    "a source (.c, .cc, .cu, .ll, .bc, .o, .a) or a module (.so, .kiln); several sources become "
    "one "
    "module";

void AddSourceArguments(CLI::App* command, SourceArguments* source) {
  const auto note = [source](const std::string&) { source->sets_options = true; };
  command->add_option("-O", source->options.opt_level, "0 compiles fastest, 3 runs fastest")
      ->type_name("LEVEL [2]")
      ->each(note);
  command
      ->add_option("--cpu", source->options.cpu,
                   "the CPU to compile for: native, or a name that LLVM knows")
      ->type_name("NAME [native]")
      ->each(note);
  command
      ->add_option(
          "--language", source->options.language,
          "c, c++, cuda, llvm-ir or llvm-bitcode; without it, FILE's suffix or its bytes say")
      ->type_name("NAME")
      ->each(note);
  command
      ->add_option("--option", source->more, "another compile option; may be given several times")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->each(note);
}

void AddRun(CLI::App* app, RunArguments* arguments) {
  CLI::App* run = app->add_subcommand("run", "compile or load FILE, and call one of its functions");
  // The first FILE alone: a source among the ARGs is another.
  const auto add_file = [arguments](const std::string& file) {
    arguments->source.files.push_back(file);
  };
  run->add_option_function<std::string>("FILE", add_file, kFileHelp)->required()->type_name("");
  AddSourceArguments(run, &arguments->source);
  run->add_option("--fn", arguments->function, "the function to call")
      ->required()
      ->type_name("NAME");
  run->add_option("--repeat", arguments->repeat,
                  "call it N times, 1 to 10000000, and print the median and least time of a call")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{10'000'000}).description(""));
  run->add_flag("--time", arguments->show_time, "print the time from source to callable");
  run->add_flag(
      "--try", arguments->in_sandbox,
      "compile and call it in a process that can't open files, use the network or start "
      "processes, on copies of the tensors; --option timeout_ms and max_memory_mb limit it");
  run->add_flag("--json", arguments->as_json, "print results, warnings, times and errors as JSON");
  run->formatter(
      std::make_shared<HelpFormatter>("kiln run FILE... --fn NAME [ARG...] [OPTIONS] [-- ARG...]"));
  run->footer(kRunFooter);
  // The ARGs. CLI11 would split one in brackets, and take "-.5" for an option.
  run->allow_extras();
}

void AddCompile(CLI::App* app, CompileArguments* arguments) {
  CLI::App* compile =
      app->add_subcommand("compile", "compile FILE, and write the result or a stage of it to OUT");
  compile->add_option("FILE", arguments->source.files, kFileHelp)->required()->type_name("");
  AddSourceArguments(compile, &arguments->source);
  compile
      ->add_option("-o", arguments->output,
                   "the file to write; its suffix, .kiln, .o or .so, says what, unless --emit does")
      ->type_name("OUT");
  compile
      ->add_option("--emit", arguments->stage,
                   "a stage of the compile, to OUT or standard output: ll (LLVM IR), ll-opt (the "
                   "same after the optimiser), asm, obj, ptx (of CUDA)")
      ->type_name("STAGE")
      ->check(CLI::IsMember({"ll", "ll-opt", "asm", "obj", "ptx"}).description(""));
  compile->add_flag("--json", arguments->as_json,
                    "print what was made, warnings and errors as JSON");
  compile->formatter(std::make_shared<HelpFormatter>("kiln compile FILE... -o OUT [OPTIONS]"));
  compile->footer(CompileFooter);
}

// Sorts what CLI11 left over into sources and ARGs. Those after "--" are ARGs.
void SortWords(const CLI::App& run, const std::vector<std::string>& after,
               RunArguments* arguments) {
  std::vector<std::string>& values = arguments->values;
  for (const std::string& word : run.remaining()) {
    if (word.starts_with('-') && !IsNumber(word)) {
      throw CLI::ValidationError("kiln run has no option " + word +
                                 "; an argument that begins with '-' comes after --");
    }
    (IsSourceName(word) ? arguments->source.files : values).push_back(word);
  }
  values.insert(values.end(), after.begin(), after.end());
}

// Runs a command. With --json, an error is printed like any result, and is of status 1 too.
template <typename Command>
int Perform(bool as_json, Command command) {
  try {
    command();
    return 0;
  } catch (const Error& error) {
    if (!as_json) throw;
    PrintJsonError(error);
  } catch (const std::bad_alloc&) {
    if (!as_json) throw;
    PrintJsonError(Error("MemoryError", "out of memory"));
  }
  return kExitError;
}

// CLI11 takes a word that is no command for a missing command.
void CheckCommand(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty() || words[0].starts_with('-')) return;
  const auto is_asked = [&](const CLI::App* command) { return command->check_name(words[0]); };
  if (!app.get_subcommands(is_asked).empty()) return;
  throw CLI::ValidationError("kiln has no command '" + words[0] +
                             "'; it has run, compile and doctor");
}

// Parses the command line and does what it says. Throws CLI::Error and kiln::Error.
int Execute(CLI::App* app, std::vector<std::string> words) {
  RunArguments run;
  CompileArguments compile;
  bool as_json = false;
  app->require_subcommand(1);
  app->set_version_flag("--version", VersionText);
  AddRun(app, &run);
  AddCompile(app, &compile);
  CLI::App* doctor = app->add_subcommand(
      "doctor", "say which LLVM, CUDA, GPUs and cache there are, and where they were looked for");
  doctor->add_flag("--json", as_json, "print the report as JSON");
  doctor->formatter(std::make_shared<HelpFormatter>("kiln doctor [--json]"));
  app->formatter(std::make_shared<HelpFormatter>("kiln COMMAND [OPTIONS]"));
  app->footer(kMainFooter);

  std::vector<std::string> after;
  if (!words.empty() && words[0] == "run") {
    const auto marker = std::find(words.begin(), words.end(), "--");
    if (marker != words.end()) after.assign(marker + 1, words.end());
    words.erase(marker, words.end());
  }
  CheckCommand(*app, words);
  std::reverse(words.begin(), words.end());
  app->parse(std::move(words));

  if (app->got_subcommand(doctor)) return Perform(as_json, [&] { Doctor(as_json); });
  if (app->got_subcommand("compile")) {
    if (compile.output.empty() && compile.stage.empty()) throw CLI::RequiredError("-o");
    return Perform(compile.as_json, [&] { Compile(compile); });
  }
  SortWords(*app->get_subcommand("run"), after, &run);
  int status = 0;
  const int failed = Perform(run.as_json, [&] {
    if (run.in_sandbox) {
      status = Try(run);
    } else {
      Run(run);
    }
  });
  return std::max(status, failed);
}

int Fail(std::string_view kind, std::string_view message) noexcept {
  std::fflush(stdout);
  for (const std::string_view part :
       {std::string_view("kiln: error: "), kind, std::string_view(": "), message}) {
    std::fwrite(part.data(), 1, part.size(), stderr);
  }
  if (!message.ends_with('\n')) std::fputc('\n', stderr);
  return kExitError;
}

// The exit status of a command that went well: output that got lost makes it an error.
int Finish() {
  if (std::cout.flush() && std::fflush(stdout) == 0) return 0;
  return Fail("RuntimeError", "standard output can't be written");
}

// Help is an exception of CLI11, too: one of status 0.
int ExecuteOrExplain(CLI::App* app, std::vector<std::string> words) {
  try {
    const int status = Execute(app, std::move(words));
    return std::max(status, Finish());
  } catch (const CLI::Error& error) {
    return app->exit(error) == 0 ? Finish() : kExitUsage;
  }
}

int Main(int argc, char** argv) noexcept {
  try {
    CLI::App app("Compiles kernels in this process and calls them.", "kiln");
    return ExecuteOrExplain(&app, {argv + std::min(argc, 1), argv + argc});
  } catch (const Error& error) {
    return Fail(error.kind(), error.message());
  } catch (const std::bad_alloc&) {
    return Fail("MemoryError", "out of memory");
  } catch (const std::exception& error) {
    return Fail("InternalError", error.what());
  } catch (...) {
    return Fail("InternalError", "an exception of a foreign type was thrown");
  }
}

}  // namespace
}  // namespace kiln::cli

int main(int argc, char** argv) { return kiln::cli::Main(argc, argv); }
