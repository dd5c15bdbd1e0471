// What the subcommands do, once the command line is parsed. They print to standard output, compiler
// warnings to standard error, and throw what goes wrong. With `as_json` they print one JSON object
// and nothing else; what they throw is for the caller to print.
#ifndef KILN_JIT_CLI_COMMANDS_H_
#define KILN_JIT_CLI_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include <kiln/jit.h>

#include "jit/cli/module_file.h"

namespace kiln::cli {

// The module that a command is about: a module file, or sources and how to compile them.
struct SourceArguments {
  std::vector<std::string> files;
  kiln::jit::CompileOptions options;
  std::vector<std::string> more;  // further options, NAME=VALUE each
  bool sets_options = false;      // some option was given, be it a default
};

struct RunArguments {
  SourceArguments source;
  std::string function;
  std::vector<std::string> values;  // as ParseArgument takes them
  int64_t repeat = 1;               // calls, at least 1
  bool show_time = false;
  bool in_sandbox = false;
  bool as_json = false;
};

struct CompileArguments {
  SourceArguments source;
  std::string output;  // its suffix is the format to write; may be empty where there is a stage
  std::string stage;   // "ll", "ll-opt", "asm" or "obj": show that instead
  bool as_json = false;
};

// Calls the function, then prints its result unless it is none, every tensor argument, and the
// times that were asked for.
void Run(const RunArguments& arguments);

// Compiles and calls the function in a process without rights, once, and prints the same; of the
// code's own output what it wrote, to the streams that it wrote it to. What goes wrong there is
// thrown or, as JSON, printed too. Returns the exit status.
int Try(const RunArguments& arguments);

// Writes the module to a file, and prints the file's name and size and the functions in it; or
// writes a stage of its compile to a file or to standard output.
void Compile(const CompileArguments& arguments);

// Opens the module of a command. Prints the compiler's warnings to standard error, unless they are
// for the JSON.
OpenedModule OpenFor(SourceArguments source, bool as_json);

// The options of a command, those by name among them.
kiln::jit::CompileOptions OptionsOf(const SourceArguments& source);

// Prints the engine's report.
void Doctor(bool as_json);

// The options that the engine's compiler takes, as lines of text.
std::string CompileOptionsText();

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_COMMANDS_H_
