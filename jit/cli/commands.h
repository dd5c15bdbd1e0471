// What the subcommands do, once the command line is parsed. They print to standard output, compiler
// warnings to standard error, and throw what goes wrong.
#ifndef KILN_JIT_CLI_COMMANDS_H_
#define KILN_JIT_CLI_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include <kiln/jit.h>

namespace kiln::cli {

// The module that a command is about: a file, and how to compile it if it is a source.
struct SourceArguments {
  std::string file;
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
};

struct CompileArguments {
  SourceArguments source;
  std::string output;  // its suffix is the format to write
};

// Calls the function, then prints its result unless it is none, every tensor argument, and the
// times that were asked for.
void Run(const RunArguments& arguments);

// Writes the module to a file, and prints the file's name and size and the functions in it.
void Compile(const CompileArguments& arguments);

// Prints the engine's report.
void Doctor(bool as_json);

// The options that the engine's compiler takes, as lines of text.
std::string CompileOptionsText();

}  // namespace kiln::cli

#endif  // KILN_JIT_CLI_COMMANDS_H_
